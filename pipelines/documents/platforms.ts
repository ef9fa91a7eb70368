import { Failed, type Interpreter } from '#engine';

import type { Lockfile } from './lockfile.ts';
import type { Version } from './version.ts';

/** A kind of machine that packages are locked for. */
export interface Platform {
  /** `linux-x86_64`, `linux-aarch64-musl`, `macosx-arm64` */
  readonly platform: string;
  /** The build of torch: `cu128`. */
  readonly torch?: string;
}

/** Everything that is locked for one kind of machine. */
export type Block = Lockfile['python']['platforms'][number];

/** The kind of machine an interpreter is on, without the release of its system. `arch` is for those that are of every kind. */
export function platformOf({ platform }: Pick<Interpreter, 'platform'>, arch: string = process.arch): string {
  const [system = '', ...rest] = platform.split('-').filter((part) => !/^\d+(?:\.\d+)*$/.test(part));
  const machine = rest[0] === 'universal2' ? (arch === 'arm64' ? 'arm64' : 'x86_64') : rest[0];
  return [system, machine, ...rest.slice(1)].join('-');
}

/** What a version is to be locked for: what it lists, else this machine. A Mac has no choice of torch unless it says so. */
export function platformsOf({ python }: Version, interpreter: Interpreter): readonly Platform[] {
  const { platforms, torch } = python;
  if (platforms === undefined) return [withTorch(platformOf(interpreter), torch)];
  return platforms.map(({ platform, torch: own = platform.startsWith('linux-') ? torch : undefined }) =>
    withTorch(platform, own),
  );
}

const withTorch = (platform: string, torch: string | undefined): Platform =>
  torch === undefined ? { platform } : { platform, torch };

/**
 * What a lockfile has for a machine: of several builds of torch the one that is asked for, else the one of the version.
 * Throws `document` when there is none, or none that is meant.
 */
export function blockFor(
  { version_id: id, python: { platforms } }: Lockfile,
  asked: { readonly interpreter: Interpreter; readonly torch?: string; readonly usualTorch?: string },
): Block {
  const own = [asked.interpreter.platform, platformOf(asked.interpreter)];
  const here = platforms.filter(({ platform }) => own.includes(platform));
  // A block for `any` platform has pure Python alone.
  const fitting = here.length > 0 ? here : platforms.filter(({ platform }) => platform === 'any');
  const document = (problem: string, hint: string): Failed =>
    new Failed({ kind: 'document', file: `lockfiles/${id}.lock.json`, at: 'python.platforms', problem, hint });
  if (fitting.length === 0)
    throw document(
      `It has no wheels for ${asked.interpreter.platform}, only for ${platforms.map(({ platform }) => platform).join(', ')}`,
      `add ${JSON.stringify(own[1])} to python.platforms, or run \`pipeline validate ${id} --update\` on such a machine`,
    );
  const builds = fitting.map(({ torch = 'none in particular' }) => torch).join(', ');
  if (asked.torch !== undefined) {
    const named = fitting.find(({ torch }) => torch === asked.torch);
    if (named !== undefined) return named;
    const hint = `add {"platform": ${JSON.stringify(own[1])}, "torch": ${JSON.stringify(asked.torch)}} to python.platforms, then run \`pipeline validate ${id}\``;
    throw document(`It has no wheels for ${own[1]} with the ${asked.torch} build of torch, only with ${builds}`, hint);
  }
  const usual = fitting.length === 1 ? fitting[0] : fitting.find(({ torch }) => torch === asked.usualTorch);
  if (usual !== undefined) return usual;
  throw document(
    `It has several builds of torch for ${own[1]}: ${builds}`,
    'choose one with --torch, or in python.torch',
  );
}

/** The Python that is locked for. A patch level (`3.11.7`) is nobody's wish unless the version says so. */
export const pythonOf = (version: Version, interpreter: Interpreter): string =>
  version.python.version ?? interpreter.version.split('.').slice(0, 2).join('.');
