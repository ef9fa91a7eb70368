import * as z from 'zod/mini';

import { Blob, blobOf, Tree } from '#cache';
import { defineTask } from '#engine';
import { fetchPinned } from './pinned-file.ts';
import { SourcePin } from './wheel.ts';

/** Fetches what a wheel is built from, and refuses anything but the bytes or the commit that the lockfile pins. */
export const fetchSource = defineTask({
  name: 'fetch-source',
  revision: 1,
  resource: 'network',
  input: z.object({ name: z.string(), pinned: SourcePin }),
  output: z.object({ source: z.union([Blob, Tree]) }),
  about: ({ name }) => name,
  title: ({ name, pinned }) => ('commit' in pinned ? `${name} @ ${pinned.commit.slice(0, 7)}` : name),
  identity: ({ pinned }) =>
    'commit' in pinned ? { repo: pinned.repo, commit: pinned.commit } : { sha256: pinned.sha256 },
  fits: ({ pinned }, { source }) => 'commit' in pinned || source === blobOf(pinned.sha256),
  bytes: ({ pinned }) => ('commit' in pinned ? undefined : pinned.size),
  async run({ pinned }, tools) {
    if (!('commit' in pinned)) return { source: await fetchPinned({ ...pinned, sources: [pinned.url] }, tools) };
    const into = `${await tools.store.scratch()}/source`;
    const { repo, commit, ref } = pinned;
    await tools.git.checkout({ repo, commit, into, ...(ref === undefined ? {} : { ref }) });
    return { source: await tools.store.keepTree(into) };
  },
});
