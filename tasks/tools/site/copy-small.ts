import { closeSync, openSync, readSync, statfsSync, writeSync } from 'node:fs';

/** What statfs calls volumes that have no reflinks: ext2, ext3 and ext4, tmpfs. */
const plain: ReadonlySet<number> = new Set([0xef53, 0x01021994]);

/** The largest file that is copied through memory, in bytes: reading and writing it takes half as long as asking the kernel to copy. */
const largest = 64 * 1024;

let buffer: Buffer | undefined;

/** Whether small files below a directory are best copied by `copySmall`: nothing could be shared there. */
export const isPlain = (directory: string): boolean => plain.has(statfsSync(directory).type);

/** Whether a file of so many bytes is small. */
export const isSmall = (size: number): boolean => size <= largest;

/** Copies a file of `size` bytes to where nothing is. Throws when it has not as many, and what the disk says, with the path it means. */
export function copySmall(
  from: string,
  to: string,
  { mode, size }: { readonly mode: number; readonly size: number },
): void {
  buffer ??= Buffer.allocUnsafe(largest);
  const bytes = buffer.subarray(0, size);
  within(from, openSync(from, 'r'), (file) => eachPart(bytes, (at, length) => readSync(file, bytes, at, length, null)));
  within(to, openSync(to, 'wx', mode), (file) => eachPart(bytes, (at, length) => writeSync(file, bytes, at, length)));
}

/** Goes on until all of the bytes are done: a call may do fewer than it is asked for. */
function eachPart(bytes: Buffer, act: (at: number, length: number) => number): void {
  for (let at = 0; at < bytes.length;) {
    const done = act(at, bytes.length - at);
    if (done === 0) throw new Error('It is shorter than it was');
    at += done;
  }
}

function within(path: string, file: number, act: (file: number) => void): void {
  try {
    act(file);
  } catch (error) {
    // Once a file is open Node no longer says which.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  } finally {
    closeSync(file);
  }
}
