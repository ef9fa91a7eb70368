import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Digest, hexOf } from './digest.ts';
import { codeOf, diskError } from './disk-error.ts';

/** The number of the on-disk format that is read and written here. README.md says what each is. */
export const storeFormat = 1;

/** Where one object is: its bytes, the fingerprint beside it, and, of a tree, its manifest. */
export interface Place {
  readonly object: string;
  readonly seen: string;
  readonly manifest: string;
}

/** The place of a digest below `root`. */
export function placeOf(root: string, digest: Digest): Place {
  const hex = hexOf(digest);
  const object = join(root, digest.startsWith('tree:') ? 'trees' : 'blobs', hex.slice(0, 2), hex);
  return { object, seen: `${object}.seen`, manifest: `${object}.manifest` };
}

/**
 * Whether `root` is a store already. Throws `ERR_STORE_FORMAT` for one that another release wrote in a format of its own.
 * An empty `format` is what a power cut can leave of a store that was being made.
 */
export function isStore(root: string): boolean {
  const found = readFormat(join(root, 'format')).trim();
  if (found === '') return false;
  if (found === String(storeFormat)) return true;
  const release = Number(found) > storeFormat ? 'a newer release of pipeline' : 'something else than pipeline';
  const problem = `the store has format ${JSON.stringify(found.slice(0, 20))} of ${release}; this one reads format ${storeFormat}`;
  throw diskError('ERR_STORE_FORMAT', root, problem);
}

function readFormat(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
