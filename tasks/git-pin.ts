import * as z from 'zod/mini';

import { GitCommit, GitRef } from './vocabulary.ts';

/** A commit, and the ref it was found on (`refs/heads/main`), which a checkout stays on. */
export type GitPin = z.infer<typeof GitPin>;
export const GitPin = z.object({ commit: GitCommit, ref: z.exactOptional(GitRef) });

/** The first characters of a commit, as people say it. */
export const shortCommit = ({ commit }: GitPin): string => commit.slice(0, 7);
