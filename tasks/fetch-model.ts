import * as z from 'zod/mini';

import { Blob, blobOf } from '#cache';
import { defineTask } from '#engine';
import { fetchPinned, PinnedFile } from './pinned-file.ts';
import { RelativePath } from './vocabulary.ts';

/** Takes a model file that is on this machine already, else downloads it, and refuses any byte that the lockfile did not promise. */
export const fetchModel = defineTask({
  name: 'fetch-model',
  revision: 1,
  resource: 'network',
  input: z.extend(PinnedFile, { path: RelativePath }),
  output: z.object({ file: Blob }),
  about: ({ path }) => path,
  title: ({ path }) => path,
  // The digest is the file: a new mirror or another name is no reason to download it again.
  identity: ({ sha256 }) => ({ sha256 }),
  fits: ({ sha256 }, { file }) => file === blobOf(sha256),
  bytes: ({ size }) => size,
  async run({ path, ...pinned }, tools) {
    const { sha256, size } = pinned;
    const own = await tools.ownModels.adopt({ path, sha256, ...(size !== undefined && { size }) });
    return { file: own ?? (await fetchPinned(pinned, tools)) };
  },
});
