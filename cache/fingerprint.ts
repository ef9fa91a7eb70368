import { type BigIntStats, lstatSync } from 'node:fs';

import type { Lines } from './lines.ts';

/**
 * What one look at a path shows: kind, size in bytes, mtime in nanoseconds, inode. No ctime: a hardlink made elsewhere
 * changes it. The owner's x bit is in the kind; a directory's mtime stands for the names it holds.
 */
function fingerprintOf(stat: BigIntStats): string {
  if (stat.isDirectory()) return `directory 0 ${stat.mtimeNs} ${stat.ino}`;
  const kind = stat.isSymbolicLink() ? 'link' : !stat.isFile() ? 'other' : stat.mode & 0o100n ? 'program' : 'file';
  return `${kind} ${stat.size} ${stat.mtimeNs} ${stat.ino}`;
}

/** One line of a `.seen` file: a fingerprint and the path it belongs to, relative to the object (empty: the object itself). */
export const seenLine = (path: string, stat: BigIntStats): string => `${fingerprintOf(stat)} ${JSON.stringify(path)}`;

/** The text of a `.seen` file. The count tells a torn one, which would prove less than the whole. */
export const renderSeen = (lines: Pick<Lines, 'count' | 'text'>): string => `seen 1 ${lines.count()}\n${lines.text()}`;

/** The same for an object that is one file. */
export const renderSeenFile = (stat: BigIntStats): string => `seen 1 1\n${seenLine('', stat)}\n`;

/** Whether everything that `text` lists looks as it did. Looks only, with lstat; false for a text that is not whole. */
export function stillAsSeen(object: string, text: string): boolean {
  const [head, ...lines] = text.split('\n');
  if (lines.pop() !== '' || head !== `seen 1 ${lines.length}`) return false;
  return lines.every((line) => {
    const quote = line.indexOf('"');
    const path = unquote(line.slice(quote));
    if (quote === -1 || path === undefined) return false;
    const stat = lstatSync(path === '' ? object : `${object}/${path}`, { bigint: true, throwIfNoEntry: false });
    return stat !== undefined && line.startsWith(`${fingerprintOf(stat)} "`);
  });
}

/** What a file looked like, as `lstat` says it to who does not ask for nanoseconds; `runs`: its owner may run it. */
export interface Look {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
  readonly runs: boolean;
}

/** What the files of an object looked like, by path: from the text of its `.seen` file. Whatever that does not tell is left out. */
export function looksIn(text: string): ReadonlyMap<string, Look> {
  const looks = new Map<string, Look>();
  for (const line of text.split('\n')) {
    const quote = line.indexOf('"');
    const [kind, size, mtimeNs = '', ino] = line.slice(0, Math.max(0, quote)).split(' ');
    const path = unquote(line.slice(quote));
    // Before 1970 the seconds would have to be rounded down.
    if ((kind !== 'file' && kind !== 'program') || path === undefined || mtimeNs.startsWith('-')) continue;
    // The very arithmetic of lstat: the times of two looks are compared as numbers.
    const mtimeMs = Number(mtimeNs.slice(0, -9)) * 1000 + Number(mtimeNs.slice(-9)) / 1e6;
    looks.set(path, { size: Number(size), mtimeMs, ino: Number(ino), runs: kind === 'program' });
  }
  return looks;
}

function unquote(text: string): string | undefined {
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
