import * as z from 'zod/mini';

import { defineQuestion } from '#engine';
import { VersionId } from './vocabulary.ts';

/** Takes what a bundle holds into the cache, and yields the documents that came along. `from` is an absolute path. */
export const readBundle = defineQuestion({
  name: 'read-bundle',
  revision: 1,
  resource: 'disk',
  input: z.object({ from: z.string() }),
  output: z.object({
    version: VersionId,
    documents: z.record(z.string(), z.string()),
    answers: z.int(),
    objects: z.int(),
    bytes: z.int(),
  }),
  title: ({ from }) => from,
  run: async ({ from }, { bundles }) => bundles.read(from),
});
