import { readdirSync } from 'node:fs';

import { kept, layoutOf } from './layout.ts';
import { follow, look } from './look.ts';
import { joined, records } from './path.ts';
import { openReceipts } from './receipts.ts';

/** How many bytes something holds: `shared` with the store or other targets (links, hard links), or its `own`. */
export interface Size {
  readonly shared: number;
  readonly own: number;
}

/** What a target holds, our records left out. `others` are files that no receipt lists: the user's, and what programs left. */
export interface Sizes {
  readonly slots: ReadonlyMap<string, Size>;
  readonly others: number;
}

/**
 * Measures a target by the sizes of its files. Copies that share blocks (reflinks) count as its own: few file systems
 * tell them apart.
 */
export function measureTarget(target: string): Sizes {
  const slots = new Map<string, { shared: number; own: number }>();
  const { owners, gits } = holdingsOf(target);
  let others = 0;
  const visit = (directory: string, git: string | undefined): void => {
    for (const name of namesIn(joined(target, directory))) {
      const path = joined(directory, name);
      if (path === records) continue;
      const at = joined(target, path);
      const stat = look(at);
      const slot = git ?? gits.get(path);
      if (stat?.isDirectory() === true) visit(path, slot);
      else if (stat !== undefined) {
        const size = slots.get(slot ?? owners.get(path) ?? '');
        const bytes = stat.isSymbolicLink() ? ((size && follow(at)?.size) ?? 0) : stat.size;
        if (size === undefined) others += bytes;
        else if (stat.isSymbolicLink() || stat.nlink > 1) size.shared += bytes;
        else size.own += bytes;
      }
    }
  };
  for (const slot of new Set([...owners.values(), ...gits.values()])) slots.set(slot, { shared: 0, own: 0 });
  visit('', undefined);
  visit(kept, undefined);
  return { slots, others };
}

/** Which slot a path belongs to; a `.git` with all that is in it. A link counts only when it leads into the store. */
function holdingsOf(target: string) {
  const receipts = openReceipts(layoutOf(target));
  const owners = new Map<string, string>();
  const gits = new Map<string, string>();
  for (const slot of receipts.slots()) {
    const receipt = receipts.receipt(slot);
    for (const [below, item] of receipt?.listing ?? []) {
      const path = joined(receipt!.base, below);
      if (item.type === 'git') gits.set(path, slot);
      else if (item.type === 'file' || (item.type === 'link' && item.blob !== undefined)) owners.set(path, slot);
    }
  }
  return { owners, gits };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Gone this moment, or not to be looked into: nobody can say what is there.
    return [];
  }
}
