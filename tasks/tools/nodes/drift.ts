import type { NodeState } from './state.ts';
import { parseSlot } from './node-slots.ts';

/** A node as a lockfile pins it; what else it says of it does not matter here. */
export type Pinned =
  | { readonly kind: 'git'; readonly name: string; readonly repo: string; readonly commit: string }
  | { readonly kind: 'registry'; readonly name: string; readonly id: string; readonly version: string }
  | { readonly kind: 'local'; readonly name: string };

/** One node that is not what the lockfile says. What is not locked, or not there, is absent. */
export interface NodeDrift {
  readonly name: string;
  readonly locked?: Pinned;
  readonly found?: NodeState;
}

/** How the active nodes of a target differ from a lockfile's. Directories that we did not place count when they hold a known pack. */
export function nodeDrift(locked: readonly Pinned[], nodes: readonly NodeState[]): readonly NodeDrift[] {
  const active = new Set(nodes.filter(({ enabled }) => enabled));
  const drift: NodeDrift[] = [];
  for (const pin of locked) {
    const found = active.values().find((node) => isOf(node, pin));
    if (found !== undefined) active.delete(found);
    if (found === undefined) drift.push({ name: pin.name, locked: pin });
    else if (!isAsPinned(found, pin)) drift.push({ name: pin.name, locked: pin, found });
  }
  for (const found of active)
    if (found.identity.kind !== 'unknown' || found.slot !== undefined) drift.push({ name: found.path, found });
  return drift;
}

/** Whether a directory holds the pack of a pin, in whichever version. */
function isOf({ identity, path, slot }: NodeState, pin: Pinned): boolean {
  if (path === pin.name) return true;
  if (slot !== undefined && parseSlot(slot)?.name === pin.name) return true;
  return pin.kind === 'registry' && identity.kind !== 'unknown' && identity.cnrId === pin.id.toLowerCase();
}

function isAsPinned({ identity, slot }: NodeState, pin: Pinned): boolean {
  switch (pin.kind) {
    case 'git':
      return identity.kind === 'nightly' && identity.commit === pin.commit;
    case 'registry':
      // An archive without a `pyproject.toml` says nothing of itself: then our receipt does, as far as it goes.
      return identity.kind === 'cnr'
        ? identity.version === pin.version
        : identity.kind === 'unknown' && slot !== undefined;
    case 'local':
      return slot !== undefined && parseSlot(slot)?.kind === 'local';
  }
}

/** A pin in a word: its version, or the first characters of its commit. */
export function describePinned(pin: Pinned): string {
  switch (pin.kind) {
    case 'git':
      return pin.commit.slice(0, 7);
    case 'registry':
      return pin.version;
    case 'local':
      return 'a local one';
  }
}
