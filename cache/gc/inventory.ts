import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { type Digest, isDigest } from '../digest.ts';
import { codeOf } from '../disk-error.ts';
import { type Place, placeOf } from '../layout.ts';
import { usedAt } from '../use.ts';

/** One object of a store. `usedAt` is when it was last used, in milliseconds by the clock of its volume. */
export interface Stored {
  readonly digest: Digest;
  readonly place: Place;
  readonly usedAt: number;
}

/** What a store holds. `orphans` are fingerprints and manifests (absolute paths) whose object is gone. */
export interface Inventory {
  readonly objects: readonly Stored[];
  readonly orphans: readonly string[];
}

/** Lists a store by its directories, in the order of digests. Nothing is read or proven. */
export function takeInventory(root: string): Inventory {
  const objects: Stored[] = [];
  const orphans: string[] = [];
  for (const kind of ['blob', 'tree'] as const)
    for (const shard of namesIn(join(root, `${kind}s`))) {
      const names = namesIn(join(root, `${kind}s`, shard));
      const there = new Set(names);
      for (const name of names) {
        const digest = `${kind}:${name}`;
        const [, owner] = /^([0-9a-f]{64})\.(?:seen|manifest)$/.exec(name) ?? [];
        if (owner !== undefined && !there.has(owner)) orphans.push(join(root, `${kind}s`, shard, name));
        if (!isDigest(digest)) continue;
        const place = placeOf(root, digest);
        const used = usedAt(place);
        if (used !== undefined) objects.push({ digest, place, usedAt: used });
      }
    }
  return { objects, orphans };
}

/** Sorted; none where there is no such directory. Throws where it cannot be read: what is not seen would count as gone. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}
