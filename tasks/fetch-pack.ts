import * as z from 'zod';

import { Tree } from '#cache';
import { defineTask } from '#engine';
import { fetchPinned, PinnedFile } from './pinned-file.ts';
import { NodeName } from './vocabulary.ts';

/** Unpacks one custom node from the archive that the registry publishes. The registry gives no hash: the lockfile's is ours. */
export const fetchPack = defineTask({
  name: 'fetch-pack',
  revision: 1,
  resource: 'network',
  input: PinnedFile.extend({ name: NodeName, version: z.string() }),
  output: z.object({ source: Tree, version: z.string() }),
  about: ({ name }) => name,
  title: ({ name, version }) => `${name} ${version}`,
  identity: ({ sha256, version }) => ({ sha256, version }),
  bytes: ({ size }) => size,
  async run({ version, ...pinned }, tools) {
    const { archive, store } = tools;
    const file = store.pathOf(await fetchPinned(pinned, tools));
    const into = `${await store.scratch()}/node`;
    await archive.unpack({ file, into, kind: 'node' });
    return { source: await store.keepTree(into), version };
  },
});
