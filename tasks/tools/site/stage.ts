import { closeSync, openSync, rmSync } from 'node:fs';

import { sha256Of } from '#cache';
import { canonical, type Placement, type Site } from '#engine';

import { giveBack } from '../give-back.ts';
import { writeAll } from '../write-all.ts';
import { compare, isBare, nothingButPut } from './compare.ts';
import type { Change, Owned } from './draft.ts';
import { type Ground, placedBy, stagingOf, stillHolds } from './ground.ts';
import type { Fingerprint, Item } from './item.ts';
import { type LaidOut, layRecipe } from './lay-recipe.ts';
import { listingPages, pagesOf, parseLine } from './listing.ts';
import { makeRoom } from './make-room.ts';
import { type Laid, materialise } from './materialise.ts';
import { belowBase, joined, within } from './path.ts';
import { plainPath } from './plain-path.ts';
import { readWanted, type Want, type Wanted } from './wanted.ts';
import { itemsOf } from './wants.ts';
import { type WorkedOut, workOut } from './work-out.ts';
import { yieldToLinks } from './yield-to-links.ts';

/** What a slot is to own. */
type Order = Parameters<Site['stage']>[0];

/** Stages what is needed to make `parts` the whole of what a slot owns. Nothing when everything is so already. */
export async function stageSlot(ground: Ground, order: Order): Promise<Placement> {
  const { receipts, draft, layout, store, recipes, note } = ground;
  const { slot, parts, yieldsTo = [], linkHint, takesOver, alone } = order;
  const base = plainPath(order.base, `The slot ${slot}`);
  const digest = sha256Of(canonical({ base, parts, ...(yieldsTo.length > 0 && { yieldsTo }) }));
  const head = receipts.head(slot);
  // What was laid out for it earlier in this run is never put, and goes with the run's directory.
  draft.changes.delete(slot);
  if (head?.digest === digest && head.base === base && !draft.rebased.has(slot) && stillHolds(ground, slot))
    return { slot, digest, files: head.files };
  if (isPlain(order) && placedBy(ground, slot).size === 0 && isBare(ground, base)) {
    const workedOut = await workOut({ base, parts, digest }, { target: layout.target, store, recipes });
    if (workedOut !== undefined) return stageRecipe(ground, { slot, digest, workedOut });
  }
  const wanted = await readWanted({ base, parts }, { target: layout.target, store });
  for (const overlap of wanted.overlaps) note('info', inWords(slot, overlap));
  const { wants, files, yielded } = yieldToLinks(ground, slot, { ...wanted, yieldsTo });
  for (const link of yielded) note('info', `${link} is a symbolic link of yours: nothing of ${slot} is put there`);
  const items = itemsOf(wants);
  if (alone !== undefined && takesOver === undefined) await makeRoom(ground, { slot, base, wanted: items, alone });
  const aside = { ...(linkHint && { linkHint }), ...(takesOver && { takesOver }) };
  const difference = await compare(ground, { slot, base, wanted: items, dropping: false, ...aside });
  const name = draft.nextName();
  const settle = await lay(ground, name, async (into) => {
    const put = difference.put.values().map((path): [string, Want] => [path, wants.get(path)!]);
    const { fingerprints, ...laid } = await materialise(put, into, ground.link);
    const listing = difference.final
      .entries()
      .map(([path, item]): readonly [string, Item] => [
        belowBase(base, path),
        asLaid(item, fingerprints.get(path) ?? wants.get(path)?.look),
      ]);
    return { ...laid, pages: listingPages(listing) };
  });
  draft.changes.set(slot, {
    ...difference,
    settle,
    head: { slot, base, digest, files, lines: items.size, ...(yielded.length > 0 && { yielded }) },
    base,
    name,
  });
  return { slot, digest, files };
}

/** Whether a slot wants its parts and no more. */
const isPlain = ({ yieldsTo = [], takesOver, alone }: Order): boolean =>
  yieldsTo.length === 0 && takesOver === undefined && alone === undefined;

/** Stages what a recipe says, where nothing is yet. */
async function stageRecipe(
  ground: Ground,
  { slot, digest, workedOut }: { readonly slot: string; readonly digest: string; readonly workedOut: WorkedOut },
): Promise<Placement> {
  const { base, recipe } = workedOut;
  const { overlaps, files } = recipe;
  for (const overlap of overlaps) ground.note('info', inWords(slot, overlap));
  const name = ground.draft.nextName();
  let lines: LaidOut['lines'] = new Map();
  const settle = await lay(ground, name, async (into) => {
    const laid = await layRecipe(workedOut, into, ground.link);
    ({ lines } = laid);
    return { ...laid, pages: pagesOf(lines.values()) };
  });
  ground.draft.changes.set(slot, {
    ...nothingButPut(ownedBy(base, lines)),
    settle,
    head: { slot, base, digest, files, lines: lines.size },
    base,
    name,
  });
  return { slot, digest, files };
}

/** What some lines of a listing say, each parsed when somebody asks for it. */
function ownedBy(base: string, lines: LaidOut['lines']): Owned {
  const lineOf = (path: string): string | undefined =>
    within(base, path) ? lines.get(belowBase(base, path)) : undefined;
  return {
    get(path) {
      const line = lineOf(path);
      return line === undefined ? undefined : parseLine(line)[1];
    },
    has: (path) => lineOf(path) !== undefined,
    keys: () => lines.keys().map((path) => joined(base, path)),
  };
}

/** From so many bytes on a slot is flushed as soon as it is laid out; less of several waits for one flush. */
const worthBeginning = 16 * 1024 * 1024;

/** Has what is put laid out, and writes its listing beside it as it will be. When that fails nothing of it stays. */
async function lay(
  ground: Ground,
  name: string,
  layOut: (into: string) => Promise<Pick<Laid, 'files' | 'directories'> & { readonly pages: Iterable<string> }>,
): Promise<Change['settle']> {
  const into = `${stagingOf(ground)}/${name}`;
  try {
    const { files, directories, pages } = await layOut(into);
    files.push({ path: `${into}.files`, size: writePages(`${into}.files`, pages) });
    const settle = async (): Promise<void> => ground.durability.settle({ files, directories: [...directories] });
    if (files.reduce((sum, { size }) => sum + size, 0) < worthBeginning) return settle;
    // Begun now, so that the disk works while the next slot is laid out.
    const settled = settle();
    void settled.catch(() => {});
    return async () => settled;
  } catch (error) {
    rmSync(into, { recursive: true, force: true });
    throw error;
  }
}

/** Writes a new file piece by piece, and answers how many bytes it has then. */
function writePages(path: string, pages: Iterable<string>): number {
  const file = openSync(path, 'wx');
  try {
    let size = 0;
    for (const page of pages) {
      const bytes = Buffer.from(page);
      writeAll(file, bytes, size, path);
      size += bytes.length;
      giveBack(bytes);
    }
    return size;
  } finally {
    closeSync(file);
  }
}

/** What was left as it is has a fingerprint already. */
const asLaid = (item: Item, fingerprint: Fingerprint | undefined): Item =>
  item.type === 'file' && item.fingerprint === undefined && fingerprint !== undefined ? { ...item, fingerprint } : item;

const inWords = (slot: string, { count, path }: Wanted['overlaps'][number]): string =>
  `Two parts of ${slot} differ in ${path}${count === 1 ? '' : ` and ${count - 1} more`}: the later part wins`;
