import * as z from 'zod/mini';

import { defineQuestion } from '#engine';
import { GitPin } from './git-pin.ts';
import { GitUrl } from './vocabulary.ts';

/** Asks what a branch, a tag or the default branch is today. The answer goes into the lockfile, never into the cache. */
export const resolveCommit = defineQuestion({
  name: 'resolve-commit',
  revision: 1,
  resource: 'network',
  input: z.object({ name: z.string(), repo: GitUrl, ref: z.exactOptional(z.string()) }),
  output: GitPin,
  about: ({ name }) => name,
  title: ({ name, ref }) => `${name} ${ref ?? '(default branch)'}`,
  run: async ({ name: _, ...asked }, { git }) => git.resolve(asked),
});
