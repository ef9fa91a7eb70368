import * as z from 'zod/mini';

import { Sha256 } from '#cache';
import { defineQuestion, Failed } from '#engine';
import { ModelPin } from './model-pin.ts';
import { Md5, RelativePath, SourceUrl } from './vocabulary.ts';

/**
 * Pins a model: its hash, its size in bytes, and the revision that was asked. Where the service behind a source tells all
 * that, nothing is downloaded; else the bytes tell. A checksum that the version gives must fit.
 */
export const resolveModel = defineQuestion({
  name: 'resolve-model',
  revision: 1,
  resource: 'network',
  input: z.object({
    path: RelativePath,
    sources: z.array(SourceUrl).check(z.minLength(1)),
    sha256: z.exactOptional(Sha256),
    md5: z.exactOptional(Md5),
  }),
  output: ModelPin,
  about: ({ path }) => path,
  title: ({ path }) => path,
  async run({ path, sources, sha256: wanted, md5 }, { http, store }) {
    const told = await http.pin(sources);
    if (wanted !== undefined && told?.sha256 !== undefined && told.sha256 !== wanted)
      throw new Failed({
        kind: 'integrity',
        what: path,
        expected: `sha256 ${wanted}`,
        actual: `sha256 ${told.sha256}`,
        hint: 'the version gives a checksum, and its source has another file: correct one of them',
      });
    const sha256 = wanted ?? told?.sha256;
    const exact = told?.exact === undefined ? {} : { exact: told.exact };
    const checked = md5 === undefined ? {} : { md5 };
    // No service tells an MD5: to check it takes the bytes.
    if (sha256 !== undefined && md5 === undefined) {
      const size = told?.size ?? (await http.size(told?.exact ?? sources[0]!));
      if (size !== undefined) return { sha256, size, ...exact };
    }
    const to = `${await store.scratch()}/model`;
    const from = told?.exact === undefined ? sources : [told.exact, ...sources];
    const found = await http.download({ from, to, ...(sha256 !== undefined && { sha256 }), ...checked });
    await store.keepFile(to, found);
    return { sha256: found.sha256, size: found.size, ...exact, ...checked };
  },
});
