import * as z from 'zod/mini';

import { Tree } from '#cache';
import { defineQuestion } from '#engine';
import { NodeName } from './vocabulary.ts';

/** Asks what a directory of this machine holds today. */
export const takeSnapshot = defineQuestion({
  name: 'take-snapshot',
  revision: 1,
  resource: 'disk',
  input: z.object({ name: NodeName, path: z.string() }),
  output: z.object({ source: Tree }),
  about: ({ name }) => name,
  title: ({ name, path }) => `${name} from ${path}`,
  run: async ({ path }, { store }) => ({ source: await store.snapshot(path) }),
});
