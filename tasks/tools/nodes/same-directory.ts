import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import { sameContent } from '../site/same-content.ts';

/** Whether two directories hold the same files and links, bytecode aside. */
export function sameDirectory(one: string, other: string): boolean {
  const [mine, theirs] = [namesIn(one), namesIn(other)];
  return (
    mine.length === theirs.length &&
    mine.every((name, index) => name === theirs[index] && sameEntry(join(one, name), join(other, name)))
  );
}

function sameEntry(one: string, other: string): boolean {
  const [a, b] = [lstatSync(one), lstatSync(other)];
  if (a.isSymbolicLink() && b.isSymbolicLink()) return readlinkSync(one) === readlinkSync(other);
  if (a.isDirectory() && b.isDirectory()) return sameDirectory(one, other);
  return sameContent(one, other);
}

const namesIn = (directory: string): readonly string[] =>
  readdirSync(directory)
    .filter((name) => name !== '__pycache__')
    .toSorted();
