import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { Failed } from '#engine';

import { writeText } from './json.ts';

/** Writes a document whole or not at all. What is there already is replaced only by `force`; `name` is what messages call it. */
export function writeNew(
  file: string,
  text: string,
  { name, force }: { readonly name: string; readonly force: boolean },
): void {
  if (force) return writeText(file, text);
  mkdirSync(dirname(file), { recursive: true });
  try {
    // Claims the name: of two who write at once, one is told.
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw existsAlready(name);
    throw error;
  }
  try {
    writeText(file, text);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/** What is thrown instead of replacing a file that nobody said is to be replaced. */
export const existsAlready = (name: string): Failed =>
  new Failed({
    kind: 'refused',
    what: `to replace ${name}`,
    because: 'it is there already',
    hint: '--force replaces it',
  });
