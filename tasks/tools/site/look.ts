import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import type { Fingerprint } from './item.ts';

/** What stands at a path, links not followed; nothing where a parent is missing, is no directory, or goes in circles. */
export function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return nothingOr(error);
  }
}

/** What a path leads to, links followed. */
export function follow(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return nothingOr(error);
  }
}

function nothingOr(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error;
}

/** Whether there is a real directory. */
export const isDirectory = (path: string): boolean => look(path)?.isDirectory() === true;

/** Where a link leads, in full, also when nothing is there. */
export const leadsTo = (link: string): string => resolve(realpathSync(dirname(link)), readlinkSync(link));

/** The fingerprint of a file. */
export const fingerprintOf = ({ size, mtimeMs, ino, mode }: Stats): Fingerprint => ({
  size,
  mtimeMs,
  ino,
  runs: (mode & 0o100) !== 0,
});

/** The first of `<stem>1`, `<stem>2`, ... that is not taken, counting from `n`. */
export function firstFree(stem: string, taken: (path: string) => boolean, n = 1): string {
  let free = n;
  while (taken(`${stem}${free}`)) free += 1;
  return `${stem}${free}`;
}
