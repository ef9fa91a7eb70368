import { lstatSync, readdirSync, realpathSync } from 'node:fs';

import { breathe, hashFile } from '#cache';
import { Failed, type Site } from '#engine';
import { type Ground, placedBy } from './ground.ts';
import { holdsBytesOf, type FileItem, type Item, sameFingerprint } from './item.ts';
import { fingerprintOf, isDirectory, leadsTo, look } from './look.ts';
import { isMountPoint } from './mount.ts';
import { joined, nameOf, parentOf, within } from './path.ts';
import { survey } from './survey.ts';

/** What a slot is to own, where it wants its base for itself. */
interface Claim {
  readonly slot: string;
  readonly base: string;
  readonly wanted: ReadonlyMap<string, Item>;
  readonly alone: NonNullable<Parameters<Site['stage']>[0]['alone']>;
}

/**
 * Stages that what stands at the base of a slot is kept whole, where it is another's: a link that an earlier tool made, or a
 * directory in which nothing is as a receipt of ours has it. A link of the user's is left for others to refuse.
 */
export async function makeRoom(ground: Ground, claim: Claim): Promise<void> {
  const { layout, draft } = ground;
  const { slot, base, alone } = claim;
  const at = draft.moves.locate(base);
  const stat = at === undefined ? undefined : look(`${layout.target}/${at}`);
  if (at === undefined || stat === undefined || !isDirectory(`${layout.target}/${parentOf(at)}`)) return;
  if (stat.isSymbolicLink()) return void keepFormerLink(ground, base);
  const directory = `${layout.target}/${at}`;
  if (!stat.isDirectory() || readdirSync(directory).length === 0) return;
  if ((await isOurs(ground, slot, base)) || holdsOfOthers(ground, base)) return;
  if (alone === 'when it differs' && !(await differs(ground, claim, directory))) return;
  if (isMountPoint(realpathSync(directory))) throw mounted(base);
  const size = inWords(await bytesIn(directory));
  const to = draft.moves.keepAside(base, nameOf(base).replace(/^\./, ''));
  draft.news.push(`${base} was not placed by pipeline: all of it (${size}) is kept as ${to}`);
}

/** Stages that a link is kept which an earlier tool made, where one stands at a path. Answers where, or nothing. */
export function keepFormerLink({ layout, draft, isFormer }: Ground, path: string): string | undefined {
  const at = draft.moves.locate(path);
  if (at === undefined || look(`${layout.target}/${at}`)?.isSymbolicLink() !== true) return undefined;
  const leads = leadsTo(`${layout.target}/${at}`);
  if (!isFormer(leads)) return undefined;
  const to = draft.moves.keepAside(path, nameOf(path));
  draft.news.push(`${path} was a link of an earlier tool to ${leads}, which stays: the link is kept as ${to}`);
  return to;
}

/** Whether something at or below a base is as a slot placed it. Of the slot that asks, files that were only copied count too. */
async function isOurs(ground: Ground, asks: string, base: string): Promise<boolean> {
  const { receipts, draft, layout } = ground;
  for (const slot of receipts.slots()) {
    const home = draft.rebased.get(slot) ?? receipts.head(slot)?.base;
    if (home === undefined || !within(base, home)) continue;
    for (const [path, item] of placedBy(ground, slot)) {
      const at = item.type === 'file' ? draft.moves.locate(path) : undefined;
      if (at !== undefined && (await isAsPlaced(`${layout.target}/${at}`, item as FileItem, slot === asks)))
        return true;
    }
  }
  return false;
}

/** Whether a slot that lives elsewhere has something in a directory: a model in a pack. It would be moved away from under it. */
function holdsOfOthers(ground: Ground, base: string): boolean {
  const { receipts, draft } = ground;
  return [...new Set([...receipts.slots(), ...draft.changes.keys()])].some((slot) => {
    const change = draft.changes.get(slot);
    const home = change?.base ?? draft.rebased.get(slot) ?? receipts.head(slot)?.base;
    if (home === undefined || within(base, home)) return false;
    const comes = new Set(change?.put);
    return (change?.final ?? placedBy(ground, slot)).keys().some((path) => within(base, path) && !comes.has(path));
  });
}

async function isAsPlaced(at: string, { size, sha256, fingerprint }: FileItem, reads: boolean): Promise<boolean> {
  const stat = look(at);
  if (stat?.isFile() !== true || stat.size !== size) return false;
  if (fingerprint !== undefined && sameFingerprint(fingerprint, fingerprintOf(stat))) return true;
  // Any two empty files are alike.
  return reads && size > 0 && (await hashFile(at)).sha256 === sha256;
}

/** Whether a directory is something else than what is wanted there. Of a checkout its commit decides, which is looked at elsewhere. */
async function differs(ground: Ground, { base, wanted }: Claim, directory: string): Promise<boolean> {
  const git = wanted.has(joined(base, '.git'));
  const isCheckout = look(`${directory}/.git`) !== undefined;
  if (isCheckout) return !git || !isDirectory(`${directory}/.git`);
  const { target } = ground.layout;
  const { locate } = ground.draft.moves;
  const { found } = await survey({ target, locate, wanted, placed: new Map(), lend: () => undefined });
  return found.entries().some(([path, there]) => {
    const item = wanted.get(path);
    return item !== undefined && !holdsBytesOf(there, item);
  });
}

/** How many bytes the files of a directory have. What cannot be looked into counts nothing. */
async function bytesIn(directory: string): Promise<number> {
  let [bytes, turns] = [0, 0];
  const left = [directory];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if ((turns += 1) % 100 === 0) await breathe();
    try {
      for (const entry of readdirSync(next, { withFileTypes: true }))
        if (entry.isDirectory()) left.push(`${next}/${entry.name}`);
        else bytes += lstatSync(`${next}/${entry.name}`).size;
    } catch {
      // Gone this moment, or somebody else's: it is kept all the same.
    }
  }
  return bytes;
}

const inWords = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`;

const mounted = (base: string): Failed =>
  new Failed({
    kind: 'refused',
    what: `to take over ${base}`,
    because: 'it is a volume of its own, which cannot be moved aside, and holds what pipeline did not place',
    hint: `empty ${base}, or choose another target`,
  });
