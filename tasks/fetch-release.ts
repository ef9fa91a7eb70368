import * as z from 'zod/mini';

import { Tree } from '#cache';
import { defineTask } from '#engine';
import { PackRelease } from './pack-release.ts';
import { NodeId } from './vocabulary.ts';

/**
 * Fetches one release of a pack by its version, and unpacks it. For use without a lockfile: the registry never publishes a
 * version twice, so what was fetched once is asked for no more.
 */
export const fetchRelease = defineTask({
  name: 'fetch-release',
  revision: 1,
  resource: 'network',
  input: z.object({
    id: NodeId,
    version: z.string(),
    /** Where the registry is, when it is not the usual one. */
    registry: z.string(),
  }),
  output: z.object({ source: Tree, version: z.string(), release: PackRelease }),
  about: ({ id }) => id,
  title: ({ id, version }) => `${id} ${version}`,
  identity: ({ id, version, registry }) => ({ id: id.toLowerCase(), version, registry }),
  async run(asked, { archive, http, registry, report, store }) {
    const { id, version, url, status } = await registry.release(asked);
    if (status !== 'active') report.note('warning', `${id} ${version} is ${status} in the registry`);
    const scratch = await store.scratch();
    const { sha256, size } = await http.download({ from: [url], to: `${scratch}/archive.zip` });
    const file = store.pathOf(await store.keepFile(`${scratch}/archive.zip`, { sha256, size }));
    const known = await archive.unpack({ file, into: `${scratch}/node`, kind: 'node' });
    const source = await store.keepTree(`${scratch}/node`, known);
    return { source, version, release: { id, version, url, sha256, size, status } };
  },
});
