import * as z from 'zod/mini';

import { Tree } from '#cache';
import { defineTask } from '#engine';
import { PackRelease } from './pack-release.ts';
import { fetchPinned } from './pinned-file.ts';
import { NodeName } from './vocabulary.ts';

/** Unpacks one custom node from the archive that the registry publishes. The registry gives no hash: the lockfile's is ours. */
export const fetchPack = defineTask({
  name: 'fetch-pack',
  revision: 1,
  resource: 'network',
  input: z.object({ name: NodeName, release: PackRelease }),
  output: z.object({ source: Tree, version: z.string() }),
  about: ({ name }) => name,
  title: ({ name, release }) => `${name} ${release.version}`,
  identity: ({ release: { sha256, version } }) => ({ sha256, version }),
  bytes: ({ release }) => release.size,
  async run({ release: { version, url, sha256, size } }, tools) {
    const { archive, store } = tools;
    const file = store.pathOf(await fetchPinned({ sources: [url], sha256, size }, tools));
    const into = `${await store.scratch()}/node`;
    const known = await archive.unpack({ file, into, kind: 'node' });
    return { source: await store.keepTree(into, known), version };
  },
});
