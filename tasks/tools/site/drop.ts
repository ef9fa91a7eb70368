import { compare } from './compare.ts';
import { type Ground, placedBy } from './ground.ts';
import { isElsewhere } from './settle-git.ts';

/** Stages the removal of all that a slot owns. A checkout that somebody worked in is left as it is. */
export async function dropSlot(ground: Ground, slot: string): Promise<void> {
  const { draft, receipts } = ground;
  draft.changes.delete(slot);
  const head = receipts.head(slot);
  if (head === undefined) return;
  const base = draft.rebased.get(slot) ?? head.base;
  const difference = isElsewhere(ground, placedBy(ground, slot))
    ? { final: new Map(), put: [], over: [], removals: [], prune: [], stays: [] }
    : await compare(ground, { slot, base, wanted: new Map(), dropping: true });
  draft.changes.set(slot, {
    ...difference,
    base,
    name: draft.nextName(),
    settle: async () => {},
  });
}
