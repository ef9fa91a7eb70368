import { Failed, type Site } from '#engine';
import { compare } from './compare.ts';
import { type Ground, placedBy } from './ground.ts';
import { keepFormerLink } from './make-room.ts';
import { look } from './look.ts';
import { nameOf } from './path.ts';
import { plainPath } from './plain-path.ts';
import { isElsewhere } from './settle-git.ts';
import { refuseLinks } from './stage-move.ts';

/**
 * Stages that a directory goes. It is moved away whole first, in one rename: only there what is ours is taken out of it, so
 * that what is left is what is kept.
 */
export async function stageRemoval(ground: Ground, what: Parameters<Site['stageRemoval']>[0]): Promise<string> {
  const { draft, receipts, layout } = ground;
  const head = 'slot' in what ? receipts.head(what.slot) : undefined;
  if ('slot' in what && head === undefined) throw new Failed({ kind: 'absent', what: `The receipt of ${what.slot}` });
  const from = 'slot' in what ? (draft.rebased.get(what.slot) ?? head!.base) : plainPath(what.from, 'A directory');
  const former = 'from' in what ? keepFormerLink(ground, from) : undefined;
  if (former !== undefined) return former;
  const at = draft.moves.locate(from);
  const isThere = at !== undefined && look(`${layout.target}/${at}`) !== undefined;
  if (isThere) refuseLinks(layout.target, at);
  const kept = isThere ? draft.moves.keepAside(from, nameOf(from)) : from;
  if ('from' in what) {
    draft.news.push(`${from} was not placed by pipeline: all of it is kept as ${kept}`);
    return kept;
  }
  const { slot } = what;
  draft.rebased.set(slot, kept);
  draft.changes.delete(slot);
  const difference = isElsewhere(ground, placedBy(ground, slot))
    ? { final: new Map(), put: [], over: [], removals: [], prune: [] }
    : await compare(ground, { slot, base: kept, wanted: new Map(), dropping: true });
  draft.changes.set(slot, {
    ...difference,
    base: kept,
    keptFrom: from,
    // What was edited is kept with the rest: it is told of once.
    stays: [],
    name: draft.nextName(),
    settle: async () => {},
  });
  return kept;
}
