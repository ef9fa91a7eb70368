import { readlinkSync, statSync } from 'node:fs';

import { commitAt } from './git-directory.ts';
import { fingerprintOf, look } from './look.ts';
import { type Item, sameFingerprint } from './item.ts';
import type { Listing } from './listing.ts';

/** Whether everything that was placed below `base` (absolute) is still there, by fingerprint alone. */
export function holdsAll(base: string, listing: Listing): boolean {
  for (const [path, item] of listing) if (!holds(`${base}/${path}`, item)) return false;
  return true;
}

function holds(at: string, item: Item): boolean {
  const stat = look(at);
  if (stat === undefined) return false;
  switch (item.type) {
    case 'file':
      return stat.isFile() && item.fingerprint !== undefined && sameFingerprint(fingerprintOf(stat), item.fingerprint);
    case 'link':
      // A link to a model proves nothing when the target, or the store, was moved away from the other.
      return stat.isSymbolicLink() && readlinkSync(at) === item.to && (item.blob === undefined || leadsToFile(at));
    case 'directory':
      return stat.isDirectory();
    case 'git':
      return stat.isDirectory() && commitAt(at) === item.commit;
  }
}

const leadsToFile = (link: string): boolean => statSync(link, { throwIfNoEntry: false })?.isFile() === true;
