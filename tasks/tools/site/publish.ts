import { randomBytes } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Durability } from '#cache';

/** A file that is written whole: a text, or what another file holds, which stays where it is. */
export type Paper = { readonly path: string } & ({ readonly text: string } | { readonly copyOf: string });

/** Where papers are written before they get their names, and how. */
export interface Press {
  /** On the papers' volume; it is emptied by whoever owns it. */
  readonly staging: string;
  readonly durability: Durability;
  readonly rename: (from: string, to: string) => void;
}

/** Writes papers so that each is there whole or not at all, in this order, and all of them survive a power cut. */
export async function publish(papers: readonly Paper[], { staging, durability, rename }: Press): Promise<void> {
  const drafts = papers.map((paper) => {
    const draft = `${staging}/paper-${randomBytes(6).toString('hex')}`;
    if ('text' in paper) writeFileSync(draft, paper.text);
    else nameOrCopy(paper.copyOf, draft);
    return { draft, path: paper.path, size: statSync(draft).size };
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

/** Thousands of lines are not written twice: a second name is as good. */
function nameOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // A volume without hard links.
    copyFileSync(from, to);
  }
}
