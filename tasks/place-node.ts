import * as z from 'zod/mini';

import { Tree } from '#cache';
import { definePlaced } from '#engine';
import { activeBase, NodeSlot, slotOf } from './node-slot.ts';
import { Placement } from './placement.ts';
import { GitCommit, NodeName } from './vocabulary.ts';

/**
 * Puts one pack where ComfyUI loads it, in place of the version that was there; files of the user's stay. What another tool
 * put there is taken over: a checkout at this commit and an archive of the registry in place, anything else is kept aside whole.
 */
export const placeNode = definePlaced({
  name: 'place-node',
  revision: 1,
  resource: 'disk',
  input: z.extend(NodeSlot, {
    fetched: z.object({ source: Tree, version: z.string() }),
    /** Moves come first; which they were is not part of the question. */
    swapped: z.object({ active: z.array(z.string()) }),
    /** The directory it is in, where that is called otherwise. */
    directory: z.exactOptional(NodeName),
    /** What another tool put there. */
    takesOver: z.exactOptional(
      z.object({
        tree: z.exactOptional(Tree),
        tracked: z.exactOptional(z.array(z.string())),
        commit: z.exactOptional(GitCommit),
      }),
    ),
    /** Whether its `install.py` is run afterwards. */
    runInstall: z.exactOptional(z.boolean()),
  }),
  output: z.extend(Placement, { version: z.string() }),
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
  async run(
    { fetched: { source, version }, directory, takesOver, runInstall, ...named },
    { site, store, report, packs },
  ) {
    const slot = slotOf(named);
    const base = activeBase(directory ?? named.name);
    const isKnown = named.kind !== 'registry' || site.slots().some((one) => one.slot === slot);
    const tracked = takesOver || isKnown ? undefined : await packs.claimed(base);
    const inherits = takesOver ?? (tracked && { tracked });
    const placement = await site.stage({
      slot,
      base,
      parts: [{ tree: source, at: '', how: 'copy' }],
      linkHint: ({ path, to }) => `remove the link ${path} and move what is in ${to} there, or choose another target`,
      alone: 'when it differs',
      ...(inherits && { takesOver: inherits }),
    });
    if (!runInstall && (await store.readText(source, 'install.py')) !== undefined)
      report.note(
        'info',
        `${named.name} has an install.py, which was not run: "run_install" in the version, or --run-install-scripts, runs it`,
      );
    return { ...placement, version };
  },
});
