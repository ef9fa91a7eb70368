import { copyFileSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, utimesSync } from 'node:fs';

/** Copies whatever is at a path to another where nothing is, links as they are (dangling too), with the times of files. */
export function copyTree(from: string, to: string): void {
  const stat = lstatSync(from);
  if (stat.isSymbolicLink()) return symlinkSync(readlinkSync(from), to);
  if (!stat.isDirectory()) {
    copyFileSync(from, to);
    return utimesSync(to, stat.atime, stat.mtime);
  }
  mkdirSync(to);
  for (const name of readdirSync(from)) copyTree(`${from}/${name}`, `${to}/${name}`);
}
