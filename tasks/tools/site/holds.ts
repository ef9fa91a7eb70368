import { readlinkSync } from 'node:fs';

import { commitAt } from './git-directory.ts';
import { parseLine, unescaped } from './listing.ts';
import { follow, look } from './look.ts';

/**
 * Whether everything that a listing (its text, of `count` lines) names below `base` (absolute) is still there, by fingerprint
 * alone. Asked at every run for every slot, so it does no more than a look at each path: what it costs is what lstat costs.
 */
export const holdsAll = (base: string, text: string, count: number): boolean => linesHeld(base, text) === count;

/** How many lines a part of a listing has, where all that they name is still there; undefined where something is not. */
export function linesHeld(base: string, text: string): number | undefined {
  let lines = 0;
  try {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      lines += 1;
      if (!holdsLine(base, line)) return undefined;
    }
  } catch {
    // A line that is none, a directory that may not be looked into: staging will say what is wrong.
    return undefined;
  }
  return lines;
}

function holdsLine(base: string, line: string): boolean {
  if (line.startsWith('f\t') || line.startsWith('x\t')) return holdsFile(base, line);
  const [path, item] = parseLine(line);
  const at = `${base}/${path}`;
  const stat = look(at);
  if (stat === undefined) return false;
  switch (item.type) {
    case 'file':
      return false;
    case 'link':
      // A link to a model proves nothing when the target, or the store, was moved away from the other.
      return (
        stat.isSymbolicLink() &&
        readlinkSync(at) === item.to &&
        (item.blob === undefined || follow(at)?.isFile() === true)
      );
    case 'directory':
      return stat.isDirectory();
    case 'git':
      return stat.isDirectory() && commitAt(at) === item.commit;
  }
}

/** Nearly every line is a file's: it is compared where it is written, nothing is made of it. */
function holdsFile(base: string, line: string): boolean {
  const after = (tab: number): number => line.indexOf('\t', tab) + 1;
  const size = after(0);
  const sha256 = after(size);
  const mtime = after(sha256);
  const inode = after(mtime);
  const runs = after(inode);
  const path = after(runs);
  const stat = look(`${base}/${unescaped(line.slice(path))}`);
  return (
    stat?.isFile() === true &&
    stat.size === Number(line.slice(size, sha256 - 1)) &&
    stat.mtimeMs === Number(line.slice(mtime, inode - 1)) &&
    stat.ino === Number(line.slice(inode, runs - 1)) &&
    ((stat.mode & 0o100) !== 0) === (line.slice(runs, path - 1) === 'x')
  );
}
