import { cpSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { Store } from '#cache';
import { Failed, type Shelf } from '#engine';

/** The largest text a task may read from a tree, in bytes. */
const largestText = 1_000_000;

/** The store as one step sees it; `scratch` answers that step's private directory. */
export const openShelf = (store: Store, scratch: () => Promise<string>): Shelf => ({
  scratch,
  has: (digest) => store.proves(digest),
  keepFile: (path, known) => store.keepFile(path, known),
  keepTree: (path, known) => store.keepTree(path, known),
  pathOf: (digest) => store.pathOf(digest),
  entries: (tree) => store.entries(tree),
  async snapshot(path) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new Failed({ kind: 'absent', what: `The directory ${path}` });
    const copy = join(await scratch(), 'snapshot');
    cpSync(path, copy, { recursive: true, verbatimSymlinks: true, filter: (from) => !passing.has(basename(from)) });
    return store.keepTree(copy);
  },
  async readText(tree, path) {
    const file = join(store.pathOf(tree), path);
    const stat = statSync(file, { throwIfNoEntry: false });
    // A tree that was taken away meanwhile says nothing about its files: this throws.
    if (stat === undefined) statSync(store.pathOf(tree));
    if (!stat?.isFile()) return undefined;
    if (stat.size > largestText)
      throw new Failed({ kind: 'refused', what: path, because: `it is larger than ${largestText} bytes` });
    return readFileSync(file, 'utf8');
  },
});

/** What a directory at work holds besides its content. */
const passing: ReadonlySet<string> = new Set(['.git', '__pycache__', '.venv', 'node_modules']);
