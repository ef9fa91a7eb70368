import * as z from 'zod/mini';

import { definePlaced } from '#engine';
import { NodePath } from './node-slot.ts';

/** Takes packs away, and moves others to where they wait or are loaded; with their receipts, where they have any. */
export const moveNodes = definePlaced({
  name: 'move-nodes',
  revision: 1,
  resource: 'disk',
  input: z.object({
    removals: z.array(NodePath),
    moves: z.array(z.object({ from: NodePath, to: NodePath })),
  }),
  output: z.object({ active: z.array(z.string()) }),
  title: ({ removals, moves }) =>
    [...removals.map((path) => `${path} goes`), ...moves.map(({ from, to }) => `${from} to ${to}`)].join(', ') ||
    'Nothing moves',
  slot: () => 'moves',
  // What it did says nothing of what is there now.
  stillThere: () => false,
  async run({ removals, moves }, { site }) {
    const owners = new Map(site.slots().map(({ slot, base }) => [base, slot]));
    const ownerOf = (path: string): { slot: string } | { from: string } => {
      const slot = owners.get(path);
      return slot === undefined ? { from: path } : { slot };
    };
    for (const path of removals) await site.stageRemoval(ownerOf(path));
    for (const { from, to } of moves) await site.stageMove({ ...ownerOf(from), to });
    return { active: [] };
  },
});
