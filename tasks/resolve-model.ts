import * as z from 'zod';

import { Sha256 } from '#cache';
import { defineQuestion } from '#engine';
import { RelativePath, SourceUrl } from './vocabulary.ts';

/** Pins a model by downloading it once: its hash and its size in bytes. A hash that the version gives already must fit. */
export const resolveModel = defineQuestion({
  name: 'resolve-model',
  revision: 1,
  resource: 'network',
  input: z.object({ path: RelativePath, sources: z.array(SourceUrl).min(1), sha256: Sha256.exactOptional() }),
  output: z.object({ sha256: Sha256, size: z.int() }),
  about: ({ path }) => path,
  title: ({ path }) => path,
  async run({ path: _, sources: from, ...known }, { http, store }) {
    const to = `${await store.scratch()}/model`;
    const pinned = await http.download({ from, to, ...known });
    await store.keepFile(to, pinned);
    return { sha256: pinned.sha256, size: pinned.size };
  },
});
