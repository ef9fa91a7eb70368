import { join } from 'node:path';

import { type InstalledNode, installedNodes } from './installed.ts';

/** A directory with a node in it; `at` is its path counted from the target, `slot` the part of the target that it is, when we placed it. */
export interface NodeState extends InstalledNode {
  readonly at: string;
  readonly slot?: string;
}

/** Every node of a target as it is on disk this moment. Nothing of it is remembered between operations. */
export function readNodes(
  target: string,
  slots: readonly { readonly slot: string; readonly base: string }[],
): readonly NodeState[] {
  const owners = new Map(slots.filter(({ slot }) => slot.startsWith('node ')).map(({ slot, base }) => [base, slot]));
  return installedNodes(join(target, 'custom_nodes')).nodes.map((node) => {
    const at = `custom_nodes/${node.path}`;
    const slot = owners.get(at);
    return { ...node, at, ...(slot !== undefined && { slot }) };
  });
}
