import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Durability } from '#cache';

/** A file that is written whole. `staged`: one that holds the very text already, on the disk, and stays where it is. */
export interface Paper {
  readonly path: string;
  readonly text: string;
  readonly staged?: string;
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
  const drafts = papers.map((paper) => {
    const draft = `${staging}/paper-${randomBytes(6).toString('hex')}`;
    write(paper, draft);
    return { draft, path: paper.path, size: paper.text.length };
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
function write({ text, staged }: Paper, draft: string): void {
  try {
    if (staged !== undefined) return linkSync(staged, draft);
  } catch {
    // A volume without hard links.
  }
  writeFileSync(draft, text);
}
