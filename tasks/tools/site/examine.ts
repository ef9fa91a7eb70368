import { readlinkSync, type Stats } from 'node:fs';

import { breathe, hashFile } from '#cache';
import { commitAt } from './git-directory.ts';
import { type FileItem, type Item, sameFingerprint } from './item.ts';
import { layoutOf } from './layout.ts';
import { fingerprintOf, follow, look } from './look.ts';
import { joined } from './path.ts';
import { openReceipts } from './receipts.ts';

/** In which way something placed is not as it was placed. `dangling`: a link to the store with nothing behind it. */
export type Fault = 'missing' | 'edited' | 'replaced' | 'dangling' | 'at another commit' | 'of unknown content';

/** Something placed that is not as it was placed. `path` is counted from the target. */
export interface Deviation {
  readonly slot: string;
  readonly path: string;
  readonly fault: Fault;
  /** Its fingerprint is the one it was placed with: who believes that does not see it. */
  readonly isHidden?: true;
}

/** How a target is looked at: `rehash` reads every file instead of believing fingerprints. */
interface Manner {
  readonly rehash: boolean;
  readonly signal: AbortSignal;
}

/** Everything in a target that is not as its receipts have it, slot by slot. Changes nothing. */
export async function examine(target: string, manner: Manner): Promise<readonly Deviation[]> {
  const receipts = openReceipts(layoutOf(target));
  const deviations: Deviation[] = [];
  for (const slot of receipts.slots()) {
    const receipt = receipts.receipt(slot);
    if (receipt === undefined) {
      deviations.push({ slot, path: receipts.head(slot)?.base ?? '', fault: 'of unknown content' });
      continue;
    }
    for (const path of receipt.yielded ?? [])
      if (look(joined(target, path))?.isSymbolicLink() !== true) deviations.push({ slot, path, fault: 'replaced' });
    for (const [below, item] of receipt.listing) {
      const path = joined(receipt.base, below);
      const fault = await faultOf(joined(target, path), item, manner);
      if (fault !== undefined) deviations.push({ slot, path, ...fault });
    }
  }
  return deviations;
}

type Found = Pick<Deviation, 'fault' | 'isHidden'> | undefined;

async function faultOf(at: string, item: Item, manner: Manner): Promise<Found> {
  const stat = look(at);
  if (stat === undefined) return { fault: 'missing' };
  switch (item.type) {
    case 'file':
      return stat.isFile() ? faultOfFile(at, stat, item, manner) : { fault: 'replaced' };
    case 'link':
      if (!stat.isSymbolicLink() || readlinkSync(at) !== item.to) return { fault: 'replaced' };
      return item.blob === undefined || follow(at)?.isFile() === true ? undefined : { fault: 'dangling' };
    case 'directory':
      return stat.isDirectory() ? undefined : { fault: 'replaced' };
    case 'git':
      if (!stat.isDirectory()) return { fault: 'replaced' };
      return commitAt(at) === item.commit ? undefined : { fault: 'at another commit' };
  }
}

/** A file that was only touched is as it was placed: where its size fits, its bytes decide. */
async function faultOfFile(at: string, stat: Stats, item: FileItem, { rehash, signal }: Manner): Promise<Found> {
  const now = fingerprintOf(stat);
  const seen = item.fingerprint !== undefined && sameFingerprint(item.fingerprint, now);
  if (seen && !rehash) return undefined;
  if (stat.size !== item.size) return { fault: 'edited' };
  // A volume without mode bits shows others than were asked for.
  if (item.fingerprint !== undefined && item.fingerprint.runs !== now.runs) return { fault: 'edited' };
  signal.throwIfAborted();
  await breathe();
  if (await hasBytes(at, item)) return undefined;
  return seen ? { fault: 'edited', isHidden: true } : { fault: 'edited' };
}

/** Not where the file cannot be read: then it is not as it was either. */
async function hasBytes(at: string, { sha256 }: FileItem): Promise<boolean> {
  try {
    return (await hashFile(at)).sha256 === sha256;
  } catch {
    return false;
  }
}
