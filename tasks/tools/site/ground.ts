import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';

import type { Durability } from '#cache';
import { Failed, type Report } from '#engine';
import type { Draft } from './draft.ts';
import type { Glance } from './glance.ts';
import { holdsAll } from './holds.ts';
import type { FileItem, Item } from './item.ts';
import type { Layout } from './layout.ts';
import { look } from './look.ts';
import { packages } from './lookout.ts';
import type { Link } from './materialise.ts';
import { belowBase, joined, within } from './path.ts';
import type { Receipts } from './receipts.ts';
import type { Recipes } from './recipes.ts';
import type { Shelves } from './wanted.ts';

/** One target, as everything in this folder sees it during one run. */
export interface Ground {
  readonly layout: Layout;
  readonly store: Shelves;
  readonly recipes?: Recipes;
  readonly note: Report['note'];
  readonly durability: Durability;
  readonly receipts: Receipts;
  readonly glance: Glance;
  readonly draft: Draft;
  readonly link: Link;
  /** Whether a path, to which a symbolic link leads, is a clone of an earlier tool's: such a link makes room. */
  readonly isFormer: (path: string) => boolean;
  /** Everything that takes effect does so by a rename. */
  readonly rename: (from: string, to: string) => void;
}

/** Makes the directory of our records, and in it the mark that says whose target this is, unless they are there. */
export function openRecords({ layout, rename }: Pick<Ground, 'layout' | 'rename'>): void {
  if (look(layout.records)?.isSymbolicLink() === true)
    throw new Failed({
      kind: 'refused',
      what: layout.records,
      because: 'it is a symbolic link',
      hint: 'put a directory in its place: the records of a target belong into it',
    });
  mkdirSync(layout.receipts, { recursive: true });
  // A power cut may leave an empty one.
  if ((look(layout.marker)?.size ?? 0) > 0) return;
  writeFileSync(`${layout.marker}.part`, `${JSON.stringify({ format: 1, id: randomUUID() })}\n`);
  rename(`${layout.marker}.part`, layout.marker);
}

/** This run's staging directory, made when it is first asked for. */
export function stagingOf(ground: Ground): string {
  openRecords(ground);
  const staging = `${ground.layout.staging}/${ground.draft.run}`;
  mkdirSync(staging, { recursive: true });
  return staging;
}

/** Where a slot is once what is staged has taken effect. */
export const baseOf = ({ draft, receipts }: Ground, slot: string): string | undefined =>
  draft.changes.get(slot)?.base ?? draft.rebased.get(slot) ?? receipts.head(slot)?.base;

/** What a slot's receipt says, by path counted from the target, where staged moves will have taken it. */
export function placedBy({ draft, receipts }: Ground, slot: string): ReadonlyMap<string, Item> {
  const receipt = receipts.receipt(slot);
  if (receipt === undefined) return new Map();
  const base = draft.rebased.get(slot) ?? receipt.base;
  const doubted = draft.doubted.get(slot);
  if (base === '' && doubted === undefined) return receipt.listing;
  const known = (path: string, item: Item): Item =>
    item.type === 'file' && doubted?.has(path) === true ? withoutFingerprint(item) : item;
  return new Map(receipt.listing.entries().map(([path, item]) => [joined(base, path), known(path, item)]));
}

const withoutFingerprint = ({ type, mode, size, sha256 }: FileItem): FileItem => ({ type, mode, size, sha256 });

/** What the receipt of any slot but this one says of a path. */
export function lentTo({ draft, receipts }: Ground, slot: string): (path: string) => Item | undefined {
  const others = receipts.slots().flatMap((other) => {
    const base = draft.rebased.get(other) ?? receipts.head(other)?.base;
    return other === slot || base === undefined ? [] : [{ other, base }];
  });
  return (path) => {
    for (const { other, base } of others) {
      const item = within(base, path) ? receipts.receipt(other)?.listing.get(belowBase(base, path)) : undefined;
      if (item !== undefined) return item;
    }
    return undefined;
  };
}

/** Whether everything that a slot's receipt lists is still there, by fingerprint, and the links that were yielded to. */
export function stillHolds(
  { receipts, glance, layout, draft }: Pick<Ground, 'receipts' | 'glance' | 'layout' | 'draft'>,
  slot: string,
): boolean {
  if (draft.doubted.has(slot)) return false;
  if (slot === packages) return glance.holds(receipts);
  const receipt = receipts.text(slot);
  if (receipt === undefined) return false;
  const isLink = (path: string): boolean => look(joined(layout.target, path))?.isSymbolicLink() === true;
  const { base, text, lines, yielded = [] } = receipt;
  return yielded.every(isLink) && holdsAll(joined(layout.target, base), text, lines);
}
