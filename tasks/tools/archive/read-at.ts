import { readSync } from 'node:fs';

/** The `length` bytes of an open file from byte `at` on; fewer only where the file ends. */
export const readAt = (file: number, at: number, length: number): Buffer =>
  readInto(Buffer.allocUnsafe(length), file, at);

/** Fills a buffer from byte `at` of an open file on; answers the part that was filled, which ends before it only where the file does. */
export function readInto(bytes: Buffer, file: number, at: number): Buffer {
  let done = 0;
  while (done < bytes.length) {
    const read = readSync(file, bytes, done, bytes.length - done, at + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}
