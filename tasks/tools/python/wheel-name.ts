import { Failed, type Interpreter } from '#engine';

/** What a wheel's file name says: `demo_lib-1.0-1-py2.py3-none-any.whl`. */
export interface WheelName {
  readonly filename: string;
  /** As written: `demo_lib`. */
  readonly name: string;
  readonly version: string;
  readonly pythons: readonly string[];
  readonly abis: readonly string[];
  readonly platforms: readonly string[];
}

const pattern =
  /^(?<name>[A-Za-z0-9](?:[A-Za-z0-9._]*[A-Za-z0-9])?)-(?<version>[A-Za-z0-9_.!+]+)(?:-\d[A-Za-z0-9_.]*)?-(?<pythons>[a-z0-9_.]+)-(?<abis>[a-z0-9_.]+)-(?<platforms>[a-z0-9_.]+)\.whl$/i;

/** The parts of a wheel's file name. Throws `refused` on any other name. */
export function parseWheelName(filename: string): WheelName {
  const { name, version, pythons, abis, platforms } = pattern.exec(filename)?.groups ?? {};
  if (!name || !version || !pythons || !abis || !platforms)
    throw new Failed({ kind: 'refused', what: filename, because: 'this is not the file name of a wheel' });
  return { filename, name, version, pythons: tags(pythons), abis: tags(abis), platforms: tags(platforms) };
}

/** A package's name as indexes compare it: `Demo_Lib` and `demo-lib` are one. */
export const normalName = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');

/** `3.11` of `3.11.7`. */
export const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');

/** Throws `refused`, naming both, unless the wheel was made for such an interpreter. */
export function demandFit(wheel: WheelName, interpreter: Interpreter): void {
  const fits =
    wheel.platforms.some((platform) => fitsPlatform(platform, interpreter.platform)) &&
    wheel.pythons.some((python) => wheel.abis.some((abi) => fitsPython(python, abi, interpreter.version)));
  if (fits) return;
  throw new Failed({
    kind: 'refused',
    what: wheel.filename,
    because: `it is not made for Python ${interpreter.version} on ${interpreter.platform}`,
    hint: 'run `pipeline validate --update` with the interpreter this version is meant for',
  });
}

const tags = (text: string): readonly string[] => text.toLowerCase().split('.');

/** Whether code tagged `python`-`abi` runs on CPython `version`. */
function fitsPython(python: string, abi: string, version: string): boolean {
  const [kind, wanted] = [python.slice(0, 2), python.slice(2)];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const own = `${major}${minor}`;
  const sameOrOlder = wanted.startsWith(`${major}`) && Number(wanted.slice(1) || 0) <= minor;
  if (abi === 'none') return kind === 'py' ? sameOrOlder : kind === 'cp' && (wanted === own || wanted === `${major}`);
  if (abi === 'abi3') return kind === 'cp' && sameOrOlder;
  return kind === 'cp' && wanted === own && (abi === `cp${own}` || (minor < 8 && abi === `cp${own}m`));
}

/** Whether `tag` (`manylinux_2_17_x86_64`) names the platform of an interpreter (`linux-x86_64`). */
function fitsPlatform(tag: string, platform: string): boolean {
  if (tag === 'any') return true;
  const [system = '', release = '', machine = ''] = split(platform);
  if (system === 'macosx') {
    const [, major = '', minor = '', arch = ''] = /^macosx_(\d+)_(\d+)_(.+)$/.exec(tag) ?? [];
    const [ownMajor = 0, ownMinor = 0] = release.split('.').map(Number);
    const recent = Number(major) < ownMajor || (Number(major) === ownMajor && Number(minor) <= ownMinor);
    return recent && (arch === machine || arch === 'universal2' || machine === 'universal2');
  }
  const libc = system === 'musl' ? 'musllinux_\\d+_\\d+' : 'manylinux(?:1|2010|2014|_\\d+_\\d+)';
  return new RegExp(`^(?:linux|${libc})_${machine}$`).test(tag);
}

/** System, release and machine: `linux-x86_64`, `linux-x86_64-musl` and `macosx-14.0-arm64` are the shapes there are. */
function split(platform: string): readonly string[] {
  const parts = platform.split('-');
  if (parts[0] === 'macosx') return parts;
  return [parts[2] === 'musl' ? 'musl' : 'linux', '', parts[1] ?? ''];
}
