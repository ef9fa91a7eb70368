import * as z from 'zod/mini';

import { Sha256 } from '#cache';
import { defineQuestion } from '#engine';
import { VersionId } from './vocabulary.ts';

/** Writes everything that a version is realized from into one file. `to` is an absolute path, `keys` are of answers in the cache. */
export const writeBundle = defineQuestion({
  name: 'write-bundle',
  revision: 1,
  resource: 'disk',
  input: z.object({
    to: z.string(),
    version: VersionId,
    documents: z.record(z.string(), z.string()),
    keys: z.array(Sha256),
  }),
  output: z.object({ bytes: z.int(), files: z.int() }),
  title: ({ to }) => to,
  run: async (what, { bundles }) => bundles.write(what),
});
