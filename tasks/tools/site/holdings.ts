import { Failed } from '#engine';
import type { Change, Owned } from './draft.ts';
import { baseOf, type Ground, placedBy } from './ground.ts';
import { sameItem } from './item.ts';
import { directoriesOf, parentOf, within } from './path.ts';

/** All that one slot will own when everything staged has taken effect. Read only when somebody asks. */
export interface Holding {
  readonly slot: string;
  readonly base: string;
  readonly items: () => Owned;
  readonly parents: () => ReadonlySet<string>;
}

/** What every slot will own, dropped ones left out. */
export function holdingsAfter(ground: Ground): readonly Holding[] {
  const { receipts, draft } = ground;
  const slots = new Set([...receipts.slots(), ...draft.changes.keys()]);
  return [...slots].flatMap((slot) => {
    const change = draft.changes.get(slot);
    const base = baseOf(ground, slot);
    if (base === undefined || (change !== undefined && change.head === undefined)) return [];
    const items = once(() => change?.final ?? placedBy(ground, slot));
    return [{ slot, base, items, parents: once(() => directoriesOf(items().keys())) }];
  });
}

/** Whether nobody will own anything at or below a path. */
export const isFree = (holdings: readonly Holding[], path: string): boolean =>
  !holdings.some((holding) => concerns(holding, path) && (holding.items().has(path) || holding.parents().has(path)));

/** Throws `refused` when what a slot puts cannot be there together with what the others own. Answers whether any of it is the same. */
export function refuseClashes(slot: string, { base, put, final }: Change, others: readonly Holding[]): boolean {
  let isShared = false;
  for (const other of others.filter((one) => concerns(one, base))) {
    // Another base above may be that of the whole target: mostly nothing of it is near.
    if (
      !other
        .items()
        .keys()
        .some((path) => within(base, path) || within(path, base))
    )
      continue;
    const clear = new Set<string>();
    let last = '';
    for (const path of put) {
      if (!concerns(other, path)) continue;
      const theirs = other.items().get(path);
      const differs = theirs !== undefined && !sameItem(final.get(path)!, theirs);
      const blocks = other.parents().has(path) && final.get(path)!.type !== 'directory';
      if (differs || blocks) throw clash(path, slot, other.slot);
      isShared ||= theirs !== undefined;
      let parent = parentOf(path);
      if (parent === last) continue;
      last = parent;
      for (; parent !== '' && !clear.has(parent); parent = parentOf(parent)) {
        const leaf = other.items().get(parent);
        if (leaf !== undefined && leaf.type !== 'directory') throw clash(parent, slot, other.slot);
        clear.add(parent);
      }
    }
  }
  return isShared;
}

/** Whether a slot can have anything to do with a path. */
const concerns = ({ base }: Holding, path: string): boolean => within(base, path) || within(path, base);

const clash = (path: string, one: string, other: string): Failed =>
  new Failed({
    kind: 'refused',
    what: `to write ${path}`,
    because: `${one} and ${other} want it to be different things`,
    hint: 'a path can have one owner: leave one of the two out',
  });

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
