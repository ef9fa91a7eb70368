import { Failed } from '#engine';
import type { Change, Draft } from './draft.ts';
import { baseOf, type Ground, placedBy } from './ground.ts';
import { type Item, sameItem } from './item.ts';
import type { Journal } from './journal.ts';
import { directoriesOf, parentOf, within } from './path.ts';

/** All that one slot will own when everything has taken effect. */
interface Holding {
  readonly slot: string;
  readonly base: string;
  readonly items: () => ReadonlyMap<string, Item>;
  readonly parents: () => ReadonlySet<string>;
}

/** Everything staged as one intent. Throws `refused` when two slots want one path to be different things. */
export function composeJournal(
  ground: Ground,
  { version, lockfile }: { readonly version: string; readonly lockfile: string },
): Journal {
  const { draft } = ground;
  const holdings = holdingsAfter(ground);
  for (const [slot, change] of draft.changes) refuseClashes(slot, change, holdings);
  const changes = [...draft.changes.values()];
  const others = (slot: string): readonly Holding[] => holdings.filter((holding) => holding.slot !== slot);
  const isFree = (slot: string, path: string): boolean =>
    !others(slot).some((other) => concerns(other, path) && (other.items().has(path) || other.parents().has(path)));
  return {
    format: 1,
    run: draft.run,
    moves: [...draft.moves.list],
    removals: [...draft.changes].flatMap(([slot, { removals, attic }]) =>
      removals
        .filter(({ path }) => isFree(slot, path))
        .map((removal) => (attic === undefined ? removal : { ...removal, attic })),
    ),
    prune: [...draft.changes]
      .flatMap(([slot, { prune }]) => prune.filter((path) => isFree(slot, path)))
      .toSorted((a, b) => b.length - a.length),
    merges: changes
      .filter(({ put }) => put.length > 0)
      .map(({ name, over, attic }) => (attic === undefined ? { staged: name, over } : { staged: name, over, attic })),
    receipts: [
      ...changes.flatMap(({ head, name }) => (head === undefined ? [] : [{ head, listing: name }])),
      ...rebasedHeads(ground),
    ],
    dropped: [...draft.changes].flatMap(([slot, { head, base }]) => {
      if (head !== undefined) return [];
      return base === '' || others(slot).some((other) => within(base, other.base)) ? [{ slot }] : [{ slot, base }];
    }),
    answers: answersOf(draft),
    version,
    lockfile,
    news: [...draft.news, ...changes.flatMap(({ news }) => news)],
  };
}

/** Receipts that only change their base. */
function rebasedHeads({ draft, receipts }: Ground): Journal['receipts'] {
  return [...draft.rebased].flatMap(([slot, base]) => {
    const head = draft.changes.has(slot) ? undefined : receipts.head(slot);
    if (head === undefined) return [];
    const { digest, files, lines } = head;
    return [{ head: { slot, base, digest, files, lines } }];
  });
}

/** An answer must be to what the slot will hold: where a slot changed and nobody answered, the old one goes. */
function answersOf({ answers, changes }: Draft): Journal['answers'] {
  const unanswered = changes.keys().filter((slot) => !answers.has(slot));
  return [
    ...answers.entries().map(([slot, answer]) => ({ slot, answer: JSON.parse(JSON.stringify(answer)) })),
    ...unanswered.map((slot) => ({ slot })),
  ];
}

function holdingsAfter(ground: Ground): readonly Holding[] {
  const { receipts, draft } = ground;
  return [...new Set([...receipts.slots(), ...draft.changes.keys()])].map((slot) => {
    const items = once(() => draft.changes.get(slot)?.final ?? placedBy(ground, slot));
    return { slot, base: baseOf(ground, slot) ?? '', items, parents: once(() => directoriesOf(items().keys())) };
  });
}

/** Whether a slot can have anything to do with a path: its listing is only read when it has. */
const concerns = ({ base }: Holding, path: string): boolean => within(base, path) || within(path, base);

function refuseClashes(slot: string, { put, final }: Change, holdings: readonly Holding[]): void {
  const clear = new Set<string>();
  for (const other of holdings) {
    if (other.slot === slot) continue;
    clear.clear();
    for (const path of put) {
      if (!concerns(other, path)) continue;
      const mine = final.get(path)!;
      const theirs = other.items().get(path);
      const differs = theirs !== undefined && !sameItem(mine, theirs);
      if (differs || (mine.type !== 'directory' && other.parents().has(path))) throw clash(path, slot, other.slot);
      for (let parent = parentOf(path); parent !== '' && !clear.has(parent); parent = parentOf(parent)) {
        const leaf = other.items().get(parent);
        if (leaf !== undefined && leaf.type !== 'directory') throw clash(parent, slot, other.slot);
        clear.add(parent);
      }
    }
  }
}

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
