import { byPath } from '#cache';
import type { Interpreter } from '#engine';

import type { Environment } from '../shell.ts';
import { compilersOf } from './compilers.ts';

/** What one program compiles at a time: enough to be worth a process, little enough for all of them to end together. */
const portion = { bytes: 1_600_000, files: 400 };

/** A file that is to be compiled, by its path below a directory; its size is in bytes. */
interface Source {
  readonly path: string;
  readonly size: number;
}

/** Byte-compiles the sources of one wheel, which are below `into`: the same bytes at every run and in every place. */
export type Compile = (what: {
  readonly into: string;
  readonly sources: readonly Source[];
  readonly interpreter: Interpreter;
}) => Promise<void>;

/** Compiles with at most `most` programs at once. Throws what compilers throw, and `cancelled` when stopped. */
export const openCompile =
  ({ environment, most, signal }: Means): Compile =>
  async ({ into, sources, interpreter }) => {
    const compilers = compilersOf(interpreter, environment, most);
    const portions = portionsOf(sources).map(async (files) => compilers.compile({ root: into, files }, signal));
    // All have ended when this does: nobody writes into a directory that is being removed.
    const [failed] = (await Promise.allSettled(portions)).filter((ended) => ended.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };

interface Means {
  readonly environment: Environment;
  readonly most: number;
  readonly signal: AbortSignal;
}

/** The sources in portions: always the same ones, because what is compiled before may show in the bytes of what comes after. */
function portionsOf(sources: readonly Source[]): readonly (readonly string[])[] {
  const portions: string[][] = [[]];
  let bytes = 0;
  for (const { path, size } of sources.toSorted(byPath)) {
    bytes += size;
    portions.at(-1)!.push(path);
    if (bytes < portion.bytes && portions.at(-1)!.length < portion.files) continue;
    portions.push([]);
    bytes = 0;
  }
  return portions.filter((files) => files.length > 0);
}
