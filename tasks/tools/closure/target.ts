import { minorOf } from '../python/wheel-name.ts';
import type { MarkerEnvironment } from './marker.ts';

/** The machine that packages are chosen for; it need not be this one. */
export interface Target {
  /** `linux-x86_64`, `linux-aarch64-musl`, `macosx-arm64` */
  readonly platform: string;
  /** `3.11.7` */
  readonly python: string;
}

/** System and machine of a platform, and whether its C library is musl. */
export function partsOf(platform: string): {
  readonly system: 'linux' | 'macosx';
  readonly machine: string;
  readonly musl: boolean;
} {
  const parts = platform.split('-');
  // A Mac may say for which release of macOS its Python was made: `macosx-14.0-arm64`.
  const [system, ...rest] = parts.filter((part) => !/^\d+(?:\.\d+)*$/.test(part));
  return { system: system === 'macosx' ? 'macosx' : 'linux', machine: rest[0] ?? '', musl: rest[1] === 'musl' };
}

/** What conditions of requirements are held against. Of release and version of the system nothing is known. */
export function markersOf({ platform, python }: Target): MarkerEnvironment {
  const { system, machine } = partsOf(platform);
  return {
    os_name: 'posix',
    sys_platform: system === 'linux' ? 'linux' : 'darwin',
    platform_system: system === 'linux' ? 'Linux' : 'Darwin',
    platform_machine: machine,
    platform_release: '',
    platform_version: '',
    platform_python_implementation: 'CPython',
    implementation_name: 'cpython',
    implementation_version: python,
    python_version: minorOf(python),
    python_full_version: python,
  };
}
