import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Durability } from '#cache';

/** A file that is written whole. */
export interface Paper {
  readonly path: string;
  readonly text: string;
}

/** Where papers are written before they get their names, and how. */
export interface Press {
  /** On the papers' volume; it is emptied by whoever owns it. */
  readonly staging: string;
  readonly durability: Durability;
  readonly rename: (from: string, to: string) => void;
}

/** Writes papers so that each is there whole or not at all, in this order, and all of them survive a power cut. */
export async function publish(papers: readonly Paper[], { staging, durability, rename }: Press): Promise<void> {
  const drafts = papers.map(({ path, text }) => {
    const draft = `${staging}/paper-${randomBytes(6).toString('hex')}`;
    writeFileSync(draft, text);
    return { draft, path, size: text.length };
  });
  await durability.settle({ files: drafts.map(({ draft, size }) => ({ path: draft, size })), directories: [] });
  const directories = new Set<string>();
  for (const { draft, path } of drafts) {
    const directory = dirname(path);
    if (!directories.has(directory)) mkdirSync(directory, { recursive: true });
    directories.add(directory);
    rename(draft, path);
  }
  await durability.settle({ files: [], directories: [...directories] });
}
