import * as z from 'zod';

import { Tree } from '#cache';
import { definePlaced } from '#engine';
import { activeBase, NodeSlot, slotOf } from './node-slot.ts';
import { Placement } from './placement.ts';
import { GitCommit, NodeName } from './vocabulary.ts';

/** Puts one pack where ComfyUI loads it, in place of the version that was there; files of the user's stay. */
export const placeNode = definePlaced({
  name: 'place-node',
  revision: 1,
  resource: 'disk',
  input: NodeSlot.extend({
    fetched: z.object({ source: Tree, version: z.string() }),
    /** Moves come first; which they were is not part of the question. */
    swapped: z.object({ active: z.array(z.string()) }),
    /** The directory it is in, where that is called otherwise. */
    directory: NodeName.exactOptional(),
    /** What another tool put there. */
    takesOver: z
      .object({
        tree: Tree.exactOptional(),
        tracked: z.array(z.string()).exactOptional(),
        commit: GitCommit.exactOptional(),
      })
      .exactOptional(),
    /** Whether its `install.py` is run afterwards. */
    runInstall: z.boolean().exactOptional(),
  }),
  output: Placement.extend({ version: z.string() }),
  about: ({ name }) => name,
  title: ({ name }) => name,
  identity: ({ name, kind, fetched, nth, directory }) => ({
    name,
    kind,
    fetched,
    ...(nth !== undefined && { nth }),
    ...(directory !== undefined && { directory }),
  }),
  slot: slotOf,
  async run({ fetched: { source, version }, directory, takesOver, runInstall, ...named }, { site, store, report }) {
    const placement = await site.stage({
      slot: slotOf(named),
      base: activeBase(directory ?? named.name),
      parts: [{ tree: source, at: '', how: 'copy' }],
      linkHint: ({ path, to }) => `remove the link ${path} and move what is in ${to} there, or choose another target`,
      ...(takesOver && { takesOver }),
    });
    if (!runInstall && (await store.readText(source, 'install.py')) !== undefined)
      report.note(
        'info',
        `${named.name} has an install.py, which was not run: "run_install" in the version, or --run-install-scripts, runs it`,
      );
    return { ...placement, version };
  },
});
