import { lstatSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Digest } from './digest.ts';
import { codeOf } from './disk-error.ts';
import type { Durability } from './durability.ts';
import { placeOf } from './layout.ts';
import type { Proof } from './proof.ts';

/** Something finished that is to become an object. `from` is a path on the store's volume, and is gone afterwards. */
export interface Finished {
  readonly digest: Digest;
  readonly from: string;
  /** The text of its `.seen` file, from before its bytes were read. */
  readonly seen: string;
  /** Makes its bytes survive a power cut. */
  readonly settle: () => Promise<void>;
}

/** What publishing needs of the store. */
export interface Press {
  readonly root: string;
  readonly proof: Proof;
  readonly durability: Durability;
}

/** Publishes one object: bytes to the disk, then the rename, then the directory to the disk, and only then it answers. */
export async function publish({ root, proof, durability }: Press, finished: Finished): Promise<void> {
  const { digest, from, seen, settle } = finished;
  const { object } = placeOf(root, digest);
  try {
    if (!(await proof.proves(digest))) {
      await durability.makeDirectory(dirname(object));
      await settle();
      if (await moveIn(from, object, digest, proof)) proof.remember(digest, seen);
    }
    await durability.settleNames(dirname(object));
  } finally {
    // Somebody else won, or the disk refused; bytes that it did not confirm once are never tried again.
    await rm(from, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/** What a rename answers when its target is there already. A file's replaces it silently, by the same bytes. */
const taken = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR'];

/** Renames `from` to `object`. False when another publisher was quicker; what is there and not true is put away. */
async function moveIn(from: string, object: string, digest: Digest, proof: Proof): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      renameSync(from, object);
      return true;
    } catch (error) {
      if (!taken.includes(codeOf(error) ?? '') || attempt === 3) throw error;
    }
    if (await proof.proves(digest)) return false;
    if (lstatSync(object, { throwIfNoEntry: false })) proof.quarantine(digest);
  }
}
