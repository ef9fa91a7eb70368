import { readdirSync } from 'node:fs';

import type { Hands, Over } from './hands.ts';
import { isDirectory } from './look.ts';
import { joined } from './path.ts';
import { sameContent } from './same-content.ts';
import { isStill } from './seen.ts';

/** What may stand where something is put, and where the user's goes. */
export interface Merging {
  readonly over: ReadonlyMap<string, Over>;
  readonly attic: string | undefined;
}

/**
 * Puts what is staged below `from` (absolute) into a directory of the target. What is not there yet goes in one rename, however
 * much it is. What was put is staged no more: done again, this goes on where it stopped.
 */
export function merge(hands: Hands, from: string, directory: string, how: Merging): void {
  for (const entry of readdirSync(from, { withFileTypes: true }).toSorted(byName)) {
    const [staged, path] = [`${from}/${entry.name}`, joined(directory, entry.name)];
    const there = hands.look(path);
    // A `.git` is never mixed from two.
    if (entry.isDirectory() && there?.isDirectory() === true && entry.name !== '.git') {
      merge(hands, staged, path, how);
      continue;
    }
    const over = how.over.get(path);
    if (there !== undefined && !mayBeOverwritten(hands.at(path), staged, over))
      hands.clear(path, { over, attic: how.attic });
    hands.carry(staged, hands.at(path));
  }
}

/** Whether one rename may replace what is there: ours as it was seen, or the same as what comes (another slot's, just put). */
function mayBeOverwritten(at: string, staged: string, over: Over): boolean {
  if (sameContent(staged, at)) return true;
  const isLeaf = typeof over === 'object' && (over.type === 'file' || over.type === 'link');
  return isLeaf && isStill(at, over) && !isDirectory(staged);
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);
