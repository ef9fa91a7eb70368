import * as z from 'zod/mini';

import { Tree } from '#cache';
import { defineTask } from '#engine';
import { GitPin, shortCommit } from './git-pin.ts';
import { GitUrl, NodeName } from './vocabulary.ts';

/** Checks out one custom node from git. Only a full commit is accepted: a branch means something else tomorrow. */
export const fetchNode = defineTask({
  name: 'fetch-node',
  revision: 1,
  resource: 'network',
  input: z.object({ name: NodeName, repo: GitUrl, pin: GitPin }),
  output: z.object({ source: Tree, version: z.string() }),
  about: ({ name }) => name,
  title: ({ name, pin }) => `${name} @ ${shortCommit(pin)}`,
  async run({ repo, pin }, { git, store }) {
    const into = `${await store.scratch()}/node`;
    await git.checkout({ repo, into, ...pin });
    return { source: await store.keepTree(into), version: 'nightly' };
  },
});
