import * as z from 'zod/mini';

import { defineQuestion, Failed } from '#engine';
import { GitUrl, NodeId } from './vocabulary.ts';

/** Asks the registry where the sources of a pack are: what `nightly` means is the default branch there. */
export const findRepository = defineQuestion({
  name: 'find-repository',
  revision: 1,
  resource: 'network',
  input: z.object({ id: NodeId }),
  output: GitUrl,
  about: ({ id }) => id,
  title: ({ id }) => `The repository of ${id}`,
  async run({ id }, { registry }) {
    const pack = await registry.pack({ id });
    const url = GitUrl.safeParse(pack?.repository?.trim().replace(/\/+$/, ''));
    if (url.success) return url.data;
    const what = pack === undefined ? `${id} in the registry` : `A repository of ${id} that git can read`;
    const hint = 'check its id, name its repository with `repo`, or choose a release of it';
    throw new Failed({ kind: 'absent', what, hint });
  },
});
