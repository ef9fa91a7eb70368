import { describePinned, type NodeDrift, nodeDrift } from '../../tasks/tools/nodes/drift.ts';
import { readNodes } from '../../tasks/tools/nodes/state.ts';
import { layoutOf } from '../../tasks/tools/site/layout.ts';
import { openReceipts } from '../../tasks/tools/site/receipts.ts';
import type { Lockfile } from '../documents/lockfile.ts';

/** The packs of a target that are not as a lockfile has them. Looks only. */
export const nodeDriftOf = (target: string, { nodes }: Pick<Lockfile, 'nodes'>): readonly NodeDrift[] =>
  nodeDrift(nodes, readNodes(target, basesIn(target)));

/** One of them in words: `gamma: 1.1.0, and 1.0.0 is locked`. */
export function showDrift({ name, locked, found }: NodeDrift): string {
  if (found === undefined) return `${name}: not active, and ${describePinned(locked!)} is locked`;
  const { identity } = found;
  const is =
    identity.kind === 'unknown'
      ? 'something unknown'
      : identity.kind === 'cnr'
        ? identity.version
        : (identity.commit?.slice(0, 7) ?? 'nightly');
  return locked === undefined
    ? `${name}: ${is}, and not locked`
    : `${name}: ${is}, and ${describePinned(locked)} is locked`;
}

/** What we placed in a target, and where. */
export function basesIn(target: string): readonly { readonly slot: string; readonly base: string }[] {
  const receipts = openReceipts(layoutOf(target));
  return receipts.slots().flatMap((slot) => {
    const base = receipts.head(slot)?.base;
    return base === undefined ? [] : [{ slot, base }];
  });
}
