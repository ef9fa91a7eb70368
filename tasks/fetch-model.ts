import * as z from 'zod';

import { Blob } from '#cache';
import { defineTask } from '#engine';
import { fetchPinned, PinnedFile } from './pinned-file.ts';
import { RelativePath } from './vocabulary.ts';

/** Downloads one model file and refuses any byte that the lockfile did not promise. */
export const fetchModel = defineTask({
  name: 'fetch-model',
  revision: 1,
  resource: 'network',
  input: PinnedFile.extend({ path: RelativePath }),
  output: z.object({ file: Blob }),
  about: ({ path }) => path,
  title: ({ path }) => path,
  // The digest is the file: a new mirror or another name is no reason to download it again.
  identity: ({ sha256 }) => ({ sha256 }),
  bytes: ({ size }) => size,
  run: async ({ path: _, ...pinned }, tools) => ({ file: await fetchPinned(pinned, tools) }),
});
