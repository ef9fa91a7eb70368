import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, rmSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

import { Failed } from '#engine';

import { writeAll } from '../write-all.ts';

/** What a file holds: hex SHA-256, and its size in bytes. */
export interface Found {
  readonly sha256: string;
  readonly size: number;
}

/** What a file must be: the place it goes to, and what the lockfile pins of it. */
export interface Wanted {
  readonly to: string;
  readonly sha256?: string;
  readonly md5?: string;
  readonly size?: number;
}

/** A file that comes in: written by one step only, and hashed while it is written. */
export interface Incoming {
  /** Bytes written so far. */
  size(): number;
  write(chunk: Uint8Array): void;
  /** Forgets every byte. */
  restart(): void;
  finish(): Found;
  /** Removes it, finished or not. */
  discard(): void;
}

/** Opens `to`, which must be absent. */
export function openIncoming(to: string): Incoming {
  const file = openSync(to, 'wx', 0o644);
  let hash = createHash('sha256');
  let size = 0;
  let isOpen = true;
  // A descriptor closed twice may be somebody else's by then.
  const close = (): void => {
    if (isOpen) closeSync(file);
    isOpen = false;
  };
  return {
    size: () => size,
    write(chunk) {
      writeAll(file, chunk, size, to);
      hash.update(chunk);
      size += chunk.length;
    },
    restart() {
      ftruncateSync(file, 0);
      hash = createHash('sha256');
      size = 0;
    },
    finish() {
      close();
      return { sha256: hash.digest('hex'), size };
    },
    discard() {
      close();
      rmSync(to, { force: true });
    },
  };
}

/** Throws Failed (disk) when `bytes` more do not fit where `to` will be: better before the first byte than after the last. */
export function assertRoom(to: string, bytes: number): void {
  const { bavail, bsize, blocks } = statfsSync(dirname(to));
  const free = bavail * bsize;
  // A volume that answers zero blocks knows nothing of its size.
  if (blocks === 0 || free >= bytes) return;
  const hint = `${bytes} bytes are needed and ${free} are free: free some space, then run again`;
  throw new Failed({ kind: 'disk', path: to, code: 'ENOSPC', hint });
}

/** Throws Failed (integrity), naming `source`, when `found` is not what was wanted. */
export function assertWanted(found: Found, wanted: Wanted, source: string): void {
  if (wanted.size !== undefined && wanted.size !== found.size) throw otherSize(source, wanted.size, found.size);
  if (wanted.sha256 !== undefined && wanted.sha256 !== found.sha256)
    throw new Failed({
      kind: 'integrity',
      what: source,
      expected: `sha256 ${wanted.sha256}`,
      actual: `sha256 ${found.sha256}`,
    });
}

/** Throws Failed (integrity) and removes the file when its MD5, `actual`, is not what was wanted. */
export function assertMd5(found: Found, actual: string, { to, md5 }: Wanted, source: string): Found {
  if (md5 === undefined || md5 === actual) return found;
  rmSync(to, { force: true });
  throw new Failed({ kind: 'integrity', what: source, expected: `md5 ${md5}`, actual: `md5 ${actual}` });
}

/** A file that is longer or shorter than the lockfile says, in bytes. */
export const otherSize = (source: string, expected: number, actual: number): Failed =>
  new Failed({ kind: 'integrity', what: source, expected: `${expected} bytes`, actual: `${actual} bytes` });
