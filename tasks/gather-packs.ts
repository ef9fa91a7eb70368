import * as z from 'zod/mini';

import { defineQuestion } from '#engine';
import { FoundPack } from './find-pack.ts';

const Packs = z.object({ packs: z.array(FoundPack) });

/** Waits for every answer of the registry, so that a version is made from all of them or not at all. */
export const gatherPacks = defineQuestion({
  name: 'gather-packs',
  revision: 1,
  resource: 'cpu',
  input: Packs,
  output: Packs,
  title: () => 'The registry was asked',
  run: async (packs) => packs,
});
