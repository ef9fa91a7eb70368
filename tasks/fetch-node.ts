import * as z from 'zod';

import { Tree } from '#cache';
import { defineTask } from '#engine';
import { GitCommit, GitRef, GitUrl, NodeName } from './vocabulary.ts';

/** Checks out one custom node from git. Only a full commit is accepted: a branch means something else tomorrow. */
export const fetchNode = defineTask({
  name: 'fetch-node',
  revision: 1,
  resource: 'network',
  input: z.object({ name: NodeName, repo: GitUrl, commit: GitCommit, ref: GitRef.optional() }),
  output: z.object({ source: Tree, version: z.string() }),
  about: ({ name }) => name,
  title: ({ name, commit }) => `${name} @ ${commit.slice(0, 7)}`,
  async run({ repo, commit, ref }, { git, store }) {
    const into = `${await store.scratch()}/node`;
    await git.checkout({ repo, commit, into, ...(ref === undefined ? {} : { ref }) });
    return { source: await store.keepTree(into), version: 'nightly' };
  },
});
