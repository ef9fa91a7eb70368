import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { breathe } from '../breathe.ts';

/**
 * What something holds, in bytes: `bytes` by the sizes of its files, `disk` by the blocks they take, and `shared`, the part
 * of `disk` that has another name somewhere (hard links in targets): deleting it frees nothing while that is there.
 */
export interface Measure {
  readonly bytes: number;
  readonly disk: number;
  readonly shared: number;
}

/** Nothing at all. */
export const nothing: Measure = { bytes: 0, disk: 0, shared: 0 };

/** Two things together. */
export const plus = (a: Measure, b: Measure): Measure => ({
  bytes: a.bytes + b.bytes,
  disk: a.disk + b.disk,
  shared: a.shared + b.shared,
});

/** The unit of `stat.blocks`, in bytes. */
const block = 512;

/** Measures a file, or a directory with all that is in it; nothing where nothing is. What goes meanwhile is left out. */
export async function measure(path: string): Promise<Measure> {
  const sum = { bytes: 0, disk: 0, shared: 0 };
  const pending = [path];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    const disk = stat.blocks * block;
    sum.disk += disk;
    if (stat.isDirectory()) for (const { name } of entriesIn(at)) pending.push(join(at, name));
    else {
      sum.bytes += stat.size;
      if (stat.nlink > 1) sum.shared += disk;
    }
    await breathe();
  }
  return sum;
}

function entriesIn(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
