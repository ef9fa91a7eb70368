import { rmSync, writeFileSync } from 'node:fs';

import { sha256Of } from '#cache';
import { canonical, type Placement, type Site } from '#engine';
import { compare } from './compare.ts';
import type { Change } from './draft.ts';
import { type Ground, stagingOf, stillHolds } from './ground.ts';
import type { Fingerprint, Item } from './item.ts';
import { renderListing } from './listing.ts';
import { makeRoom } from './make-room.ts';
import { materialise } from './materialise.ts';
import { belowBase } from './path.ts';
import { plainPath } from './plain-path.ts';
import { readWanted, type Want, type Wanted } from './wanted.ts';
import { yieldToLinks } from './yield-to-links.ts';

/** What a slot is to own. */
type Order = Parameters<Site['stage']>[0];

/** Stages what is needed to make `parts` the whole of what a slot owns. Nothing when everything is so already. */
export async function stageSlot(ground: Ground, order: Order): Promise<Placement> {
  const { receipts, draft, layout, store, note } = ground;
  const { slot, parts, yieldsTo = [], linkHint, takesOver, alone } = order;
  const base = plainPath(order.base, `The slot ${slot}`);
  const digest = sha256Of(canonical({ base, parts, ...(yieldsTo.length > 0 && { yieldsTo }) }));
  const head = receipts.head(slot);
  // What was laid out for it earlier in this run is never put, and goes with the run's directory.
  draft.changes.delete(slot);
  if (head?.digest === digest && head.base === base && !draft.rebased.has(slot) && stillHolds(ground, slot))
    return { slot, digest, files: head.files };
  const wanted = await readWanted({ base, parts }, { target: layout.target, store });
  for (const overlap of wanted.overlaps) note('info', inWords(slot, overlap));
  const { wants, files, yielded } = yieldToLinks(ground, slot, { ...wanted, yieldsTo });
  for (const link of yielded) note('info', `${link} is a symbolic link of yours: nothing of ${slot} is put there`);
  const items = new Map(wants.entries().map(([path, { item }]) => [path, item]));
  if (alone !== undefined && takesOver === undefined) await makeRoom(ground, { slot, base, wanted: items, alone });
  const aside = { ...(linkHint && { linkHint }), ...(takesOver && { takesOver }) };
  const difference = await compare(ground, { slot, base, wanted: items, dropping: false, ...aside });
  const name = draft.nextName();
  const staged = await lay(ground, { ...difference, name, base, wants });
  draft.changes.set(slot, {
    ...difference,
    ...staged,
    head: { slot, base, digest, files, lines: items.size, ...(yielded.length > 0 && { yielded }) },
    base,
    name,
  });
  return { slot, digest, files };
}

/** From so many bytes on a slot is flushed as soon as it is laid out; less of several waits for one flush. */
const worthBeginning = 16 * 1024 * 1024;

/** Lays out what is put, and the listing beside it as it will be. When that fails nothing of it stays. */
async function lay(
  ground: Ground,
  { name, base, put, final, wants }: Pick<Change, 'name' | 'base' | 'put' | 'final'> & Pick<Wanted, 'wants'>,
): Promise<Pick<Change, 'settle'>> {
  const into = `${stagingOf(ground)}/${name}`;
  try {
    const { files, directories, fingerprints } = await materialise(
      put.values().map((path): [string, Want] => [path, wants.get(path)!]),
      into,
      ground.link,
    );
    const text = renderListing(
      final
        .entries()
        .map(([path, item]) => [belowBase(base, path), asLaid(item, fingerprints.get(path) ?? wants.get(path)?.look)]),
    );
    writeFileSync(`${into}.files`, text);
    files.push({ path: `${into}.files`, size: text.length });
    const settle = async (): Promise<void> => ground.durability.settle({ files, directories: [...directories] });
    if (files.reduce((sum, { size }) => sum + size, 0) < worthBeginning) return { settle };
    // Begun now, so that the disk works while the next slot is laid out.
    const settled = settle();
    void settled.catch(() => {});
    return { settle: async () => settled };
  } catch (error) {
    rmSync(into, { recursive: true, force: true });
    throw error;
  }
}

/** What was left as it is has a fingerprint already. */
const asLaid = (item: Item, fingerprint: Fingerprint | undefined): Item =>
  item.type === 'file' && item.fingerprint === undefined && fingerprint !== undefined ? { ...item, fingerprint } : item;

const inWords = (slot: string, { count, path }: Wanted['overlaps'][number]): string =>
  `Two parts of ${slot} differ in ${path}${count === 1 ? '' : ` and ${count - 1} more`}: the later part wins`;
