import * as z from 'zod/mini';

import { definePlaced } from '#engine';
import { Placement } from './placement.ts';

/** Makes everything that was staged take effect, all of it or nothing, and writes down what the target is now. */
export const activate = definePlaced({
  name: 'activate',
  revision: 1,
  resource: 'disk',
  input: z.object({
    version: z.string(),
    /** The text of the lockfile: kept in the target's history, but not part of the question. */
    lockfile: z.string(),
    parts: z.array(Placement),
    nodes: z.object({ active: z.array(z.string()) }),
  }),
  output: z.object({ version: z.string() }),
  title: ({ version }) => version,
  slot: () => 'activation',
  identity: ({ version, parts, nodes }) => ({ version, parts, nodes }),
  stillThere: (_, { site }) => !site.pending(),
  async run({ version, lockfile }, { site }) {
    await site.activate({ version, lockfile });
    return { version };
  },
});
