import * as z from 'zod/mini';

import { defineQuestion } from '#engine';
import { NodeId } from './vocabulary.ts';

/** A release of a pack, and where its archive is. Its bytes are still to be seen. */
export type FoundRelease = z.infer<typeof FoundRelease>;
export const FoundRelease = z.object({ id: NodeId, version: z.string(), url: z.string(), status: z.string() });

/** Asks the registry for many exact releases in one question. What it does not answer so is left out, and asked for singly. */
export const findReleases = defineQuestion({
  name: 'find-releases',
  revision: 1,
  resource: 'network',
  input: z.object({ wanted: z.array(z.object({ id: NodeId, version: z.string() })) }),
  output: z.array(FoundRelease),
  title: ({ wanted }) => `${wanted.length} ${wanted.length === 1 ? 'release' : 'releases'} of the registry at once`,
  run: async ({ wanted }, { registry }) => [...(await registry.releases(wanted))],
});
