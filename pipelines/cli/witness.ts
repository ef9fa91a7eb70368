import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a path looked like: size, time and inode, or that nothing was there. `exists` compares less: whether something is
 * there, and that it is the same one.
 */
export interface Witness {
  readonly path: string;
  readonly seen: string;
  readonly exists?: true;
}

/** Looks at a path. */
export const witness = (path: string): Witness => ({ path, seen: look(path) });

/** Looks at whether a path is there: for directories that others write to. */
export const presence = (path: string): Witness => ({ path, seen: inode(path), exists: true });

/** Whether a path still looks as it did. */
export const stillSo = ({ path, seen, exists }: Witness): boolean => (exists ? inode(path) : look(path)) === seen;

/** Looks at every file of a directory, as deep as it goes, and at the directories: what is added or gone shows there. */
export function witnessAll(directory: string, wanted: (name: string) => boolean): readonly Witness[] {
  const inside = readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return witnessAll(path, wanted);
    return wanted(entry.name) ? [witness(path)] : [];
  });
  return [witness(directory), ...inside];
}

function look(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '-' : `${stat.size} ${stat.mtimeMs} ${stat.ino}`;
}

function inode(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '-' : String(stat.ino);
}
