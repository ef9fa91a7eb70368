import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The text of a file of at most `mostBytes`; undefined when there is none, or it is no such file, or no UTF-8. */
export function readSmall(path: string, mostBytes: number): string | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile() || found.size > mostBytes) return undefined;
    const bytes = Buffer.alloc(found.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}
