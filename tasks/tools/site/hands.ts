import { mkdirSync, rmSync, type Stats } from 'node:fs';

import { copyTree } from './copy-tree.ts';
import type { Ground } from './ground.ts';
import { firstFree, isDirectory, look } from './look.ts';
import { nameOf, parentOf } from './path.ts';
import { isStill, type Seen } from './seen.ts';

/** What a journal says of something that may have to go: how it was seen, or that it is the user's edit of ours. */
export type Over = Seen | 'edited' | undefined;

/** The few deeds that change a target. Paths are counted from it; each deed may be repeated. */
export interface Hands {
  readonly at: (path: string) => string;
  readonly look: (path: string) => Stats | undefined;
  /** Renames one absolute path to another, if there is anything. Where the volume ends on the way it copies, to a name beside first. */
  readonly carry: (from: string, to: string) => void;
  readonly throwAway: (path: string) => void;
  /**
   * Takes away what stands at a path: to the trash when it is as it was seen; else it is the user's, and goes into `attic`
   * or to a free name beside, and is said.
   */
  readonly clear: (path: string, how: { readonly over: Over; readonly attic: string | undefined }) => void;
  /** Whether a directory is one of the target itself: no symbolic link on the way. */
  readonly isAnchored: (directory: string) => boolean;
}

/** The hands of one run. */
export function openHands(run: string, { layout, note, rename }: Pick<Ground, 'layout' | 'note' | 'rename'>): Hands {
  const at = (path: string): string => `${layout.target}/${path}`;
  const carry = (from: string, to: string): void => {
    if (look(from) === undefined) return;
    if (look(parentOf(to)) === undefined) mkdirSync(parentOf(to), { recursive: true });
    try {
      rename(from, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      const beside = `${to}.pipeline-part`;
      rmSync(beside, { recursive: true, force: true });
      copyTree(from, beside);
      rename(beside, to);
      rmSync(from, { recursive: true, force: true });
    }
  };

  let thrown = 0;
  const throwAway = (path: string): void => {
    const free = firstFree(`${layout.trash}/${run}/`, (name) => look(name) !== undefined, thrown + 1);
    thrown = Number(nameOf(free));
    carry(at(path), free);
  };

  const isTaken = (path: string): boolean => look(at(path)) !== undefined;
  const clear: Hands['clear'] = (path, { over, attic }) => {
    if (!isTaken(path)) return;
    if (over !== undefined && over !== 'edited' && isStill(at(path), over)) return throwAway(path);
    const place = attic === undefined ? path : `${attic}/${path}`;
    const to = attic !== undefined && !isTaken(place) ? place : firstFree(`${place}.user-`, isTaken);
    carry(at(path), at(to));
    if (attic !== undefined) return;
    if (over === undefined) note('warning', `${path} stood in the way: it is now ${nameOf(to)}`);
    else note('warning', `${path} was edited: your copy is ${nameOf(to)}`);
  };

  const anchored = new Map<string, boolean>([['', true]]);
  const isAnchored = (directory: string): boolean => {
    const known = anchored.get(directory) ?? (isAnchored(parentOf(directory)) && isDirectory(at(directory)));
    anchored.set(directory, known);
    return known;
  };
  return { at, look: (path) => look(at(path)), carry, throwAway, clear, isAnchored };
}
