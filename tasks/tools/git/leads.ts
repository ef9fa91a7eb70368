import { mkdirSync } from 'node:fs';

import { type Circumstances, localEnvironment, networkEnvironment, runGit } from './command.ts';
import { writeBare } from './dot-git.ts';
import { networkFailure } from './failure.ts';
import type { Origin } from './fetch.ts';
import { freshDirectory, type Mirror, remove } from './mirror.ts';

/**
 * Whether `from` is in the history of `to`. Fetches that history into a repository of its own, commits alone where the server
 * can leave out the rest, and throws it away again. Throws `network` when the server could not be talked to.
 */
export async function leadsTo(
  mirror: Mirror,
  origin: Origin,
  { from, to }: { readonly from: string; readonly to: string },
  { environment, signal }: Pick<Circumstances, 'environment' | 'signal'>,
): Promise<boolean> {
  if (from === to) return true;
  mkdirSync(mirror.incoming, { recursive: true });
  const directory = freshDirectory(mirror);
  try {
    writeBare(directory, to, { bare: 'true', hooksPath: '/dev/null', fsync: 'none' }, [
      ['maintenance', { auto: 'false' }],
      ['fetch', { unpackLimit: '1', writeCommitGraph: 'false' }],
    ]);
    const asked = ['--filter=tree:0', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
    const ran = await runGit(['fetch', ...asked, '--', origin.from, `${to}:refs/pins/to`], {
      directory,
      environment: networkEnvironment(environment, { gitDirectory: directory, local: origin.local }),
      signal,
    });
    if (ran.exitCode !== 0) throw networkFailure(origin.repo, ran);
    const local = { directory, environment: localEnvironment(environment, directory), signal };
    return (await runGit(['merge-base', '--is-ancestor', from, to], local)).exitCode === 0;
  } finally {
    remove(directory);
  }
}
