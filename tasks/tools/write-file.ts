import { writeFileSync, type WriteFileOptions } from 'node:fs';

/** Writes a whole file. An error of the disk says which `path` it means. */
export function writeFile(path: string, content: string | Uint8Array, options?: WriteFileOptions): void {
  try {
    writeFileSync(path, content, options);
  } catch (error) {
    // Once a file is open Node no longer says which; without a path a full disk would look like a bug.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}
