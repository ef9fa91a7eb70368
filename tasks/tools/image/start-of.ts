import { closeSync, openSync, readSync } from 'node:fs';

/** The first bytes of a file, at most `length`. */
export function startOf(path: string, length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, 0));
  } finally {
    closeSync(file);
  }
}
