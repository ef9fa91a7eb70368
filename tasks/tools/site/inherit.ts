import type { Inheritance } from '#engine';
import type { Ground } from './ground.ts';
import type { Item } from './item.ts';
import { kept } from './layout.ts';
import { firstFree } from './look.ts';
import { isNormal, isRecord, joined, nameOf } from './path.ts';

/** Stands for a file of which nobody knows what it was: nothing on disk is like it, so it is kept when it must go. */
const unlike: Item = { type: 'file', mode: 0o644, size: -1, sha256: '' };

/** What counts as placed by a slot, by path counted from the target: its receipt, and what it takes over from another tool. */
export async function inherited(
  { store }: Pick<Ground, 'store'>,
  { base, placed, takesOver: { tree, tracked = [] }, checkedOut }: Inherited,
): Promise<ReadonlyMap<string, Item>> {
  if (tree === undefined && tracked.length + checkedOut.length === 0) return placed;
  const all = new Map(placed);
  for (const path of tracked.filter(isNormal)) all.set(joined(base, path), unlike);
  for (const path of checkedOut) if (!all.has(path) && isNormal(path) && !isRecord(path)) all.set(path, unlike);
  for (const entry of tree === undefined ? [] : await store.entries(tree)) {
    const path = joined(base, entry.path);
    const isOfGit = /^(?:.*\/)?\.git(?:\/|$)/.test(entry.path);
    if (!isOfGit && !all.has(path)) all.set(path, entry);
  }
  return all;
}

interface Inherited {
  readonly base: string;
  readonly placed: ReadonlyMap<string, Item>;
  readonly takesOver: Inheritance;
  /** What the user's checkout that makes room has tracked: paths counted from the target. */
  readonly checkedOut: readonly string[];
}

/** Where what is only claimed to be another tool's is kept when it must go; and a word about it. */
export function atticFor({ draft }: Ground, base: string, { tracked = [] }: Inheritance): string | undefined {
  if (tracked.length === 0) return undefined;
  return firstFree(`${kept}/${nameOf(base)}-`, draft.moves.taken);
}
