import * as z from 'zod';

import { defineQuestion } from '#engine';
import { GitCommit, GitUrl } from './vocabulary.ts';

/** Asks what a branch, a tag or the default branch is today. The answer goes into the lockfile, never into the cache. */
export const resolveCommit = defineQuestion({
  name: 'resolve-commit',
  revision: 1,
  resource: 'network',
  input: z.object({ name: z.string(), repo: GitUrl, ref: z.string().optional() }),
  output: z.object({ commit: GitCommit, ref: z.string() }),
  about: ({ name }) => name,
  title: ({ name, ref }) => `${name} ${ref ?? '(default branch)'}`,
  run: async ({ repo, ref }, { git }) => git.resolve({ repo, ...(ref === undefined ? {} : { ref }) }),
});
