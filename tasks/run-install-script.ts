import * as z from 'zod/mini';

import { Tree } from '#cache';
import { definePlaced } from '#engine';
import { activeBase, NodeSlot, slotOf } from './node-slot.ts';
import { NodeName } from './vocabulary.ts';

/** Runs the `install.py` of a pack that is in place, where the user asked for that. Its output is the step's. */
export const runInstallScript = definePlaced({
  name: 'run-install-script',
  revision: 1,
  resource: 'disk',
  input: z.extend(NodeSlot, {
    directory: z.exactOptional(NodeName),
    fetched: z.object({ source: Tree }),
    /** What must be in place first. */
    after: z.unknown(),
  }),
  output: z.object({ ran: z.boolean(), of: z.string(), placed: z.string() }),
  about: ({ name }) => name,
  title: ({ name }) => `${name}: install.py`,
  identity: ({ name, kind, fetched }) => ({ name, kind, fetched }),
  slot: (node) => `install script of ${slotOf(node)}`,
  stillThere: ({ of, placed }, { site }) => site.holds(of) && site.placedAt(of) === placed,
  async run({ directory, fetched: { source }, ...node }, { scripts, site, store }) {
    const of = slotOf(node);
    const ran = (await store.readText(source, 'install.py')) !== undefined;
    if (ran) await scripts.run({ at: activeBase(directory ?? node.name), script: 'install.py' });
    return { ran, of, placed: site.placedAt(of) ?? '' };
  },
});
