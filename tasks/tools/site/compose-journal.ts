import type { Change, Draft } from './draft.ts';
import type { Ground } from './ground.ts';
import { type Holding, holdingsAfter, isFree, refuseClashes } from './holdings.ts';
import type { Journal } from './journal.ts';
import { within } from './path.ts';

/** Everything staged as one intent. Throws `refused` when two slots want one path to be different things. */
export function composeJournal(ground: Ground, as: Journal['as']): Journal {
  const { draft } = ground;
  const holdings = holdingsAfter(ground);
  const shared = refuseClashes(draft.changes, holdings);
  const changes = [...draft.changes].map(([slot, change]) => ({
    ...cleared(
      change,
      holdings.filter((other) => other.slot !== slot),
    ),
    slot,
    isShared: shared.has(slot),
  }));
  return {
    format: 1,
    run: draft.run,
    moves: [...draft.moves.list],
    removals: changes.flatMap(({ removals }) => removals),
    prune: changes.flatMap(({ prune }) => prune).toSorted((a, b) => b.length - a.length),
    merges: changes
      .filter(({ put }) => put.length > 0)
      .map(({ name, over, attic }) => (attic === undefined ? { staged: name, over } : { staged: name, over, attic })),
    receipts: [
      ...changes.flatMap(({ head, name, isShared }) =>
        head === undefined ? [] : [{ head, listing: name, ...(isShared && { isShared: true as const }) }],
      ),
      ...rebasedHeads(ground),
    ],
    dropped: changes.flatMap(({ slot, head, base, isAlone, keptFrom }) =>
      head === undefined ? [{ slot, ...(isAlone && { base }), ...(keptFrom !== undefined && { keptFrom }) }] : [],
    ),
    answers: answersOf(draft),
    ...(as && { as }),
    news: [...draft.news, ...changes.flatMap(({ stays }) => stays.map((path) => `${path} was edited: it stays`))],
  };
}

/** A change without what it would do to things that others own by then: those are theirs to do. */
function cleared(change: Change, others: readonly Holding[]) {
  const { base, attic } = change;
  return {
    ...change,
    isAlone: base !== '' && !others.some((other) => within(base, other.base)),
    removals: change.removals
      .filter(({ path }) => isFree(others, path))
      .map((removal) => (attic === undefined ? removal : { ...removal, attic })),
    prune: change.prune.filter((path) => isFree(others, path)),
    stays: change.stays.filter((path) => isFree(others, path)),
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
