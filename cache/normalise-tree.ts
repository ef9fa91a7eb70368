import { chmodSync, constants, copyFileSync, lstatSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import { breathe } from './breathe.ts';
import { refuseStrange } from './read-tree.ts';

/**
 * Gives everything below `root` the modes that are stored (files 0644 or 0755 by the owner's x bit, directories 0755) and
 * inodes of its own. `temp` answers fresh paths on the same volume.
 */
export async function normaliseTree(root: string, temp: () => string): Promise<void> {
  const pending = [root];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    setMode(directory, lstatSync(directory).mode, 0o755);
    for (const item of readdirSync(directory, { withFileTypes: true })) {
      const place = join(directory, item.name);
      refuseStrange(item, place);
      if (item.isDirectory()) pending.push(place);
      else if (item.isFile()) normaliseFile(place, temp);
      await breathe();
    }
  }
}

/** The same for one file, whose mode becomes `wanted` when it is given. */
export function normaliseFile(place: string, temp: () => string, wanted?: number): void {
  const { mode, nlink } = lstatSync(place);
  if (nlink > 1) separate(place, temp());
  setMode(place, mode, wanted ?? (mode & 0o100 ? 0o755 : 0o644));
}

/** Whoever holds another name of an inode could change the object through it: the object gets a copy. */
function separate(place: string, copy: string): void {
  copyFileSync(place, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  renameSync(copy, place);
}

function setMode(place: string, mode: number, wanted: number): void {
  if ((mode & 0o7777) !== wanted) chmodSync(place, wanted);
}
