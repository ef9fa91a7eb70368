import * as z from 'zod/mini';

import { defineQuestion } from '#engine';
import { GitPin } from './git-pin.ts';
import { GitCommit, GitRef, GitUrl } from './vocabulary.ts';

/** Asks what a branch is today, and whether its history leads back to the commit that is there: then nothing of it is lost. */
export const findUpdate = defineQuestion({
  name: 'find-update',
  revision: 1,
  resource: 'network',
  input: z.object({ name: z.string(), repo: GitUrl, ref: GitRef, commit: GitCommit }),
  output: z.object({ pin: GitPin, forward: z.boolean() }),
  about: ({ name }) => name,
  title: ({ name, ref }) => `${name} ${ref.replace('refs/heads/', '')}`,
  async run({ repo, ref, commit: from }, { git }) {
    const pin = GitPin.parse(await git.resolve({ repo, ref }));
    return { pin, forward: await git.leads({ repo, from, to: pin.commit }) };
  },
});
