import * as z from 'zod/mini';

import { definePlaced } from '#engine';
import { Placement } from './placement.ts';

/** Makes what was staged for packs take effect, all of it or nothing. What version the target is stays as it is written. */
export const settleNodes = definePlaced({
  name: 'settle-nodes',
  revision: 1,
  resource: 'disk',
  input: z.object({ moved: z.object({ active: z.array(z.string()) }), placed: z.array(Placement) }),
  output: z.object({ placed: z.array(Placement) }),
  title: () => 'custom_nodes',
  slot: () => 'nodes settled',
  stillThere: () => false,
  async run({ placed }, { site }) {
    if (site.pending()) await site.activate();
    return { placed };
  },
});
