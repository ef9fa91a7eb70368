import * as z from 'zod';

import { definePlaced } from '#engine';
import { activeBase, disabledBase, isDisabled, isNodeSlot, NodeSlot, slotOf } from './node-slot.ts';

/** Decides which packs ComfyUI loads: ours that are no longer wanted go to `.disabled/`, wanted ones come back from there. */
export const swapNodes = definePlaced({
  name: 'swap-nodes',
  revision: 1,
  resource: 'disk',
  input: z.object({ nodes: z.array(NodeSlot) }),
  output: z.object({ active: z.array(z.string()) }),
  title: ({ nodes }) => `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} active`,
  slot: () => 'nodes',
  stillThere: ({ active }, { site }) => {
    const packs = site.slots().filter(({ slot }) => isNodeSlot(slot));
    return packs.every(({ slot, base }) => active.includes(slot) !== isDisabled(base));
  },
  async run({ nodes }, { site }) {
    const wanted = new Map(nodes.map((node) => [slotOf(node), activeBase(node.name)]));
    const moves = site.slots().flatMap(({ slot, base, output }) => {
      if (!isNodeSlot(slot)) return [];
      const to = wanted.get(slot) ?? (isDisabled(base) ? base : disabledBase(base, Yielded.parse(output).version));
      return to === base ? [] : [{ slot, to }];
    });
    // What goes makes room for what comes: a pack of another kind may have the same name.
    const [goes, comes] = [moves.filter(({ to }) => isDisabled(to)), moves.filter(({ to }) => !isDisabled(to))];
    for (const move of [...goes, ...comes]) await site.stageMove(move);
    return { active: [...wanted.keys()] };
  },
});

/** What `place-node` says of a pack. */
const Yielded = z.object({ version: z.string() });
