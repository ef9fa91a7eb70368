import { relative } from 'node:path';

import { type Leftover, measure, openTemps, takePath } from '#cache';
import type { Kind, Thing } from './thing.ts';

/** What a path in a cache is worth: `needed`, of `use` to somebody who may come, or `waste`. */
type Worth = 'needed' | 'use' | 'waste';

/** Where a path is, and where on its volume it is put when it goes: a directory of temps. */
interface Where {
  readonly cache: string;
  readonly aside: string;
}

/** Something that a cache holds at a path of its own. */
export async function pathThing(
  kind: Kind,
  { path, usedAt }: Leftover,
  { cache, aside, worth }: Where & { readonly worth: Worth },
): Promise<Thing> {
  const taken = await measure(path);
  return {
    kind,
    name: relative(cache, path),
    measure: taken,
    size: taken.disk,
    usedAt,
    isNeeded: worth === 'needed',
    isWaste: worth === 'waste',
    // What changed since it was listed is in use.
    remove: async (before) => usedAt < before && takePath(path, usedAt === 0 ? Infinity : before, openTemps(aside)),
  };
}
