import * as z from 'zod/mini';

import { defineQuestion } from '#engine';
import { FoundRelease } from './find-releases.ts';
import { PackRelease } from './pack-release.ts';
import { NodeId } from './vocabulary.ts';

/** Asks the registry which release a version means today, and takes its archive's hash: the registry publishes none. */
export const resolvePack = defineQuestion({
  name: 'resolve-pack',
  revision: 1,
  resource: 'network',
  input: z.object({
    id: NodeId,
    version: z.string(),
    /** What the registry told of many releases at once: this one may be among them. */
    told: z.exactOptional(z.array(FoundRelease)),
  }),
  output: PackRelease,
  about: ({ id }) => id,
  title: ({ id, version }) => `${id} ${version}`,
  async run({ id, version, told = [] }, { http, registry, report, store }) {
    const isMeant = (one: FoundRelease): boolean =>
      one.id.toLowerCase() === id.toLowerCase() && one.version === version;
    const release = told.find(isMeant) ?? (await registry.release({ id, version }));
    if (release.status !== 'active')
      report.note('warning', `${release.id} ${release.version} is ${release.status} in the registry`);
    const to = `${await store.scratch()}/archive.zip`;
    const { sha256, size } = await http.download({ from: [release.url], to });
    const { url, status } = release;
    await store.keepFile(to, { sha256, size });
    return { id: release.id, version: release.version, url, sha256, size, status };
  },
});
