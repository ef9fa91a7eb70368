import * as z from 'zod/mini';

import { type ActivePack, definePlaced, type Site } from '#engine';
import { activeBase, disabledBase, isDisabled, isNodeSlot, NodeSlot, slotOf } from './node-slot.ts';

/**
 * Decides which packs ComfyUI loads: ours that are no longer wanted go to `.disabled/`, wanted ones come back from there. When
 * a ComfyUI of somebody else becomes a target, its packs that are not wanted wait there too.
 */
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
  async run({ nodes }, { site, packs, report }) {
    const wanted = new Map(nodes.map((node) => [slotOf(node), activeBase(node.name)]));
    const slots = site.slots();
    const moves = slots.flatMap(({ slot, base, output }) => {
      if (!isNodeSlot(slot)) return [];
      const to = wanted.get(slot) ?? (isDisabled(base) ? base : disabledBase(base, Yielded.parse(output).version));
      return to === base ? [] : [{ slot, to }];
    });
    const isNew = !slots.some(({ slot }) => slot === 'core');
    const known = new Set([...wanted.values(), ...slots.map(({ base }) => base)]);
    const others = isNew ? (await packs.active()).filter(({ base }) => !known.has(base)) : [];
    for (const pack of others)
      if (pack.kind === 'unknown')
        report.note('info', `${pack.base} stays: nobody knows what it is, and ComfyUI loads it`);
      else await setAside(pack, site);
    // What goes makes room for what comes: a pack of another kind may have the same name.
    const [goes, comes] = [moves.filter(({ to }) => isDisabled(to)), moves.filter(({ to }) => !isDisabled(to))];
    for (const move of [...goes, ...comes]) await site.stageMove(move);
    return { active: [...wanted.keys()] };
  },
});

/** A pack of another tool waits where ComfyUI-Manager looks for it; a link to one leads nowhere any more, and is kept. */
async function setAside(pack: Exclude<ActivePack, { kind: 'unknown' }>, site: Site): Promise<void> {
  const { base } = pack;
  if (pack.kind === 'former') await site.stageRemoval({ from: base });
  else
    await site.stageMove({
      from: base,
      to: disabledBase(activeBase(pack.id), pack.version),
      news: (to) => `${base} is not in this version: it waits in ${to}`,
    });
}

/** What `place-node` says of a pack. */
const Yielded = z.object({ version: z.string() });
