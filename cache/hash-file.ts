import { createHash, hash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

import { breathe } from './breathe.ts';
import { type Sha256, sha256Of } from './digest.ts';
import { diskError, withPath } from './disk-error.ts';

/** What is in a file: the SHA-256 of its bytes in hex, and how many they are. */
export interface Content {
  readonly sha256: string;
  readonly size: number;
}

/** What is in a file of these bytes. */
export const contentOf = (bytes: Uint8Array): Content => ({ sha256: sha256Of(bytes), size: bytes.length });

/** What a file held: `stat` is from before the first byte was read, so that a later edit shows against it. */
export interface FileReading {
  readonly sha256: Sha256;
  readonly stat: BigIntStats;
}

/** Shared by all readings: it is filled and hashed without a pause between. */
const buffer = Buffer.allocUnsafeSlow(1024 * 1024);

/** Reads a whole file and hashes it. A symbolic link is refused (`ELOOP`). */
export async function hashFile(path: string): Promise<FileReading> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stat = fstatSync(file, { bigint: true });
    let length = fill(file);
    if (length < buffer.length) return { sha256: hash('sha256', buffer.subarray(0, length)) as Sha256, stat };
    const sum = createHash('sha256');
    for (; length > 0; length = fill(file)) {
      sum.update(buffer.subarray(0, length));
      await breathe();
    }
    return { sha256: sum.digest('hex') as Sha256, stat };
  } catch (error) {
    throw withPath(error, path);
  } finally {
    closeSync(file);
  }
}

/** Network volumes answer less than was asked for in the middle of a file: only 0 is its end. */
function fill(file: number): number {
  let length = 0;
  while (length < buffer.length) {
    const read = readSync(file, buffer, length, buffer.length - length, null);
    if (read === 0) break;
    length += read;
  }
  return length;
}

/** Throws `EIO` unless a file is as long as who wrote it says. */
export function demandSize(path: string, size: number, known: Content): void {
  if (known.size !== size) throw diskError('EIO', path, `${known.size} bytes were written, ${size} are there`);
}
