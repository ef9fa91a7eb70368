import { rmSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

import { Failed } from '#engine';

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
