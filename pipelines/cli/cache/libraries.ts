import { lstatSync, readdirSync, readlinkSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import type { Around } from '../around.ts';
import type { Survey } from './survey.ts';

/** How deep below MODELS_DIR a model may be shown. */
const deepest = 16;

/**
 * Takes links to models out of MODELS_DIR that lead into the store, and to nothing any more. They are ours, whoever finds
 * them would take them for broken models; everything else there is the user's.
 */
export function cleanLibraries({ environment }: Around, { cache, store }: Pick<Survey, 'cache' | 'store'>): void {
  const directories = new Set([environment['MODELS_DIR'] || join(cache, 'models'), join(cache, 'models')]);
  const blobs = realpathSync(store);
  for (const directory of directories) clean(directory, join(blobs, 'blobs'), deepest);
}

function clean(directory: string, blobs: string, depth: number): void {
  for (const entry of entriesIn(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && depth > 0) clean(path, blobs, depth - 1);
    if (!entry.isSymbolicLink() || statSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    const to = resolve(realpathSync(directory), readlinkSync(path));
    const isOurs = dirname(dirname(to)) === blobs && /^[0-9a-f]{64}$/.test(basename(to));
    if (isOurs && lstatSync(to, { throwIfNoEntry: false }) === undefined) rmSync(path, { force: true });
  }
}

function entriesIn(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
