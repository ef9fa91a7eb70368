import * as z from 'zod';

import { Tree } from '#cache';
import { definePlaced } from '#engine';
import { activeBase, NodeSlot, slotOf } from './node-slot.ts';
import { Placement } from './placement.ts';

/** Puts one pack where ComfyUI loads it, in place of the version that was there; files of the user's stay. */
export const placeNode = definePlaced({
  name: 'place-node',
  revision: 1,
  resource: 'disk',
  input: NodeSlot.extend({
    fetched: z.object({ source: Tree, version: z.string() }),
    /** Moves come first; which they were is not part of the question. */
    swapped: z.object({ active: z.array(z.string()) }),
  }),
  output: Placement.extend({ version: z.string() }),
  about: ({ name }) => name,
  title: ({ name }) => name,
  identity: ({ name, kind, fetched }) => ({ name, kind, fetched }),
  slot: slotOf,
  async run({ name, kind, fetched: { source, version } }, { site }) {
    const slot = slotOf({ name, kind });
    const placement = await site.stage({
      slot,
      base: activeBase(name),
      parts: [{ tree: source, at: '', how: 'copy' }],
      linkHint: ({ path, to }) => `remove the link ${path} and move what is in ${to} there, or choose another target`,
    });
    return { ...placement, version };
  },
});
