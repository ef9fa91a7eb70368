import * as z from 'zod';

import { defineQuestion } from '#engine';
import { PackRelease } from './pack-release.ts';
import { NodeId } from './vocabulary.ts';

/** Asks the registry which release a version means today, and takes its archive's hash: the registry publishes none. */
export const resolvePack = defineQuestion({
  name: 'resolve-pack',
  revision: 1,
  resource: 'network',
  input: z.object({ id: NodeId, version: z.string() }),
  output: PackRelease,
  about: ({ id }) => id,
  title: ({ id, version }) => `${id} ${version}`,
  async run({ id, version }, { http, registry, report, store }) {
    const release = await registry.release({ id, version });
    if (release.status !== 'active')
      report.note('warning', `${release.id} ${release.version} is ${release.status} in the registry`);
    const to = `${await store.scratch()}/archive.zip`;
    const { sha256, size } = await http.download({ from: [release.url], to });
    const { url, status } = release;
    await store.keepFile(to, { sha256, size });
    return { id: release.id, version: release.version, url, sha256, size, status };
  },
});
