import * as z from 'zod';

import { Tree } from '#cache';
import { defineTask } from '#engine';
import { GitCommit, GitRef, GitUrl } from './vocabulary.ts';

/** Checks out ComfyUI itself. Only a full commit is accepted: a branch means something else tomorrow. */
export const fetchCore = defineTask({
  name: 'fetch-core',
  revision: 1,
  resource: 'network',
  input: z.object({ repo: GitUrl, commit: GitCommit, ref: GitRef.optional() }),
  output: z.object({ source: Tree, commit: GitCommit }),
  title: ({ commit }) => `ComfyUI @ ${commit.slice(0, 7)}`,
  async run({ repo, commit, ref }, { git, store }) {
    const into = `${await store.scratch()}/core`;
    await git.checkout({ repo, commit, into, ...(ref === undefined ? {} : { ref }) });
    return { source: await store.keepTree(into), commit };
  },
});
