import { join } from 'node:path';

import { openTemps, takeInventory, takeObject } from '#cache';

/** Takes every object out of a store as soon as it sees it, whoever uses it, but none twice. Until it is killed. */
const { root } = JSON.parse(process.argv[2]!) as { readonly root: string };
const taken = new Set<string>();
const temps = openTemps(join(root, 'tmp'));
for (;;)
  for (const stored of takeInventory(root).objects)
    if (!taken.has(stored.digest) && (await takeObject(stored, Infinity, temps))) taken.add(stored.digest);
