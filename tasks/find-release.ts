import * as z from 'zod/mini';

import { defineQuestion } from '#engine';
import { NodeId } from './vocabulary.ts';

/** Asks the registry which release of a pack is the newest today, without fetching it. */
export const findRelease = defineQuestion({
  name: 'find-release',
  revision: 1,
  resource: 'network',
  input: z.object({ id: NodeId, version: z.string() }),
  output: z.object({ id: NodeId, version: z.string(), status: z.string() }),
  about: ({ id }) => id,
  title: ({ id, version }) => `${id} ${version}`,
  async run(asked, { registry }) {
    const { id, version, status } = await registry.release(asked);
    return { id, version, status };
  },
});
