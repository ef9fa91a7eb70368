import { writeSync } from 'node:fs';

/** Writes every byte of `chunk` into an open file, from byte `at` on. An error of the disk says which `path` it means. */
export function writeAll(file: number, chunk: Uint8Array, at: number, path: string): void {
  try {
    for (let done = 0; done < chunk.length;) done += writeSync(file, chunk, done, chunk.length - done, at + done);
  } catch (error) {
    // A descriptor has no name; without one a full disk would look like a bug.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}
