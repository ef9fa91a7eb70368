import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a path looked like, on one line: its kind, size, time and inode, or that nothing was there; a tab; the path. Made to
 * be compared by the ten thousand. A line that begins with `=` tells less: that something is there, and which inode it is.
 */
export type Witness = string;

/** Looks at a path. */
export const witness = (path: string): Witness => `${look(path)}\t${path}`;

/** Looks at whether a path is there: for directories that others write to. */
export const presence = (path: string): Witness => `${inode(path)}\t${path}`;

/** The path that was looked at. */
export const pathIn = (line: Witness): string => line.slice(line.indexOf('\t') + 1);

/** Whether a path still looks as it did. */
export function stillSo(line: Witness): boolean {
  const path = pathIn(line);
  return (line.startsWith('=') ? inode(path) : look(path)) === line.slice(0, -path.length - 1);
}

/** Looks at a directory and at everything wanted below it: what is added or gone shows in the directories. */
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
  return stat === undefined ? '-' : `${stat.mode} ${stat.size} ${stat.mtimeMs} ${stat.ino}`;
}

function inode(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '=' : `=${stat.ino}`;
}
