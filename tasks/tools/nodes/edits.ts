import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import { type Entry, hashFile } from '#cache';

/** The files of a stored tree that a directory has not, or has otherwise: what was edited or deleted there. `.git` is not looked at. */
export async function editsIn(directory: string, entries: readonly Entry[]): Promise<readonly string[]> {
  const edited: string[] = [];
  for (const entry of entries)
    if (!/^\.git(?:\/|$)/.test(entry.path) && !(await isAsIn(entry, join(directory, entry.path))))
      edited.push(entry.path);
  return edited;
}

async function isAsIn(entry: Entry, at: string): Promise<boolean> {
  const found = lookAt(at);
  if (found === undefined) return false;
  switch (entry.type) {
    case 'directory':
      return found.isDirectory();
    case 'link':
      return found.isSymbolicLink() && readlinkSync(at) === entry.to;
    case 'file':
      return found.isFile() && found.size === entry.size && (await hashFile(at)).sha256 === entry.sha256;
  }
}

function lookAt(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
