import * as z from 'zod/mini';

import { Blob, blobOf } from '#cache';
import { defineTask } from '#engine';
import { fetchPinned, PinnedFile } from './pinned-file.ts';
import { WheelFilename } from './vocabulary.ts';

/** Downloads one wheel and refuses any byte that the lockfile did not promise. */
export const fetchWheel = defineTask({
  name: 'fetch-wheel',
  revision: 1,
  resource: 'network',
  input: z.extend(PinnedFile, { filename: WheelFilename }),
  output: z.object({ filename: WheelFilename, file: Blob }),
  about: ({ filename }) => filename,
  title: ({ filename }) => filename,
  identity: ({ filename, sha256 }) => ({ filename, sha256 }),
  fits: ({ filename, sha256 }, output) => output.filename === filename && output.file === blobOf(sha256),
  bytes: ({ size }) => size,
  run: async ({ filename, ...pinned }, tools) => ({ filename, file: await fetchPinned(pinned, tools) }),
});
