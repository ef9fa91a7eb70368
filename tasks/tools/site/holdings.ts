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

/** Throws `refused` when two slots want one path to be different things. Answers those that put something which another one has too. */
export function refuseClashes(changes: ReadonlyMap<string, Change>, holdings: readonly Holding[]): ReadonlySet<string> {
  const shared = new Set<string>();
  for (const [slot, change] of changes)
    for (const other of holdings) {
      const theirs = changes.get(other.slot);
      if (other.slot === slot || !concerns(other, change.base)) continue;
      // Then all of it is compared when it is the other's turn.
      if (theirs !== undefined && isSmallAndWhole(theirs, change)) continue;
      if (!refuseClash(slot, change, other)) continue;
      for (const one of [slot, other.slot]) if (changes.has(one)) shared.add(one);
    }
  return shared;
}

/** Whether a slot puts all that it will own, and puts less than another one. */
const isSmallAndWhole = ({ head, put }: Change, other: Change): boolean =>
  put.length === head?.lines && put.length < other.put.length;

/** So few paths are looked for among all of another slot, instead of its directories being gathered first. */
const few = 64;

/** Throws `refused` when what a slot puts cannot be there together with what another one owns. Answers whether any of it is the same. */
function refuseClash(slot: string, { base, put, final }: Change, other: Holding): boolean {
  const theirs = other.items();
  // Another base above may be that of the whole target: mostly nothing of it is near.
  if (!theirs.keys().some((path) => within(base, path) || within(path, base))) return false;
  const isAbove = (path: string): boolean =>
    put.length > few ? other.parents().has(path) : theirs.keys().some((below) => below !== path && within(path, below));
  const clear = new Set<string>();
  let [isShared, last] = [false, ''];
  for (const path of put) {
    if (!concerns(other, path)) continue;
    const there = theirs.get(path);
    const differs = there !== undefined && !sameItem(final.get(path)!, there);
    if (differs || (isAbove(path) && final.get(path)!.type !== 'directory')) throw clash(path, slot, other.slot);
    isShared ||= there !== undefined;
    let parent = parentOf(path);
    if (parent === last) continue;
    last = parent;
    for (; parent !== '' && !clear.has(parent); parent = parentOf(parent)) {
      const leaf = theirs.get(parent);
      if (leaf !== undefined && leaf.type !== 'directory') throw clash(parent, slot, other.slot);
      clear.add(parent);
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
