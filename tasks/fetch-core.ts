import * as z from 'zod/mini';

import { Tree } from '#cache';
import { defineTask } from '#engine';
import { GitPin, shortCommit } from './git-pin.ts';
import { GitUrl } from './vocabulary.ts';

/** Checks out ComfyUI itself. Only a full commit is accepted: a branch means something else tomorrow. */
export const fetchCore = defineTask({
  name: 'fetch-core',
  revision: 1,
  resource: 'network',
  input: z.object({ repo: GitUrl, pin: GitPin }),
  output: z.object({ source: Tree }),
  title: ({ pin }) => `ComfyUI @ ${shortCommit(pin)}`,
  async run({ repo, pin }, { git, store }) {
    const into = `${await store.scratch()}/core`;
    await git.checkout({ repo, into, ...pin });
    return { source: await store.keepTree(into) };
  },
});
