import { setImmediate as nextTurn } from 'node:timers/promises';

import { fetchCommits, type Fetching, type Origin } from './fetch.ts';
import { type Mirror, pinned } from './mirror.ts';

/** Somebody who waits for a commit. */
interface Wanting {
  readonly commit: string;
  readonly how: Fetching;
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

/** Who waits for the next fetch into a mirror, for each into which one goes on. */
const queues = new Map<string, Wanting[]>();

/**
 * Fetches one commit into a mirror. Everybody in this process who wants one of the same mirror before a fetch begins shares
 * it: a repository is asked once, and nothing is asked for that has come meanwhile. Throws `absent` when there is no such
 * commit, `network` when the server could not be talked to.
 */
export async function fetchCommit(mirror: Mirror, origin: Origin, commit: string, how: Fetching): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const wanting = { commit, how, resolve, reject };
  const queue = queues.get(mirror.path);
  if (queue === undefined) void serve(mirror, origin, [wanting]);
  else queue.push(wanting);
  return promise;
}

async function serve(mirror: Mirror, origin: Origin, queue: Wanting[]): Promise<void> {
  queues.set(mirror.path, queue);
  // For those who ask at the same time.
  await nextTurn();
  while (queue.length > 0) await serveThese(mirror, origin, queue.splice(0));
  queues.delete(mirror.path);
}

async function serveThese(mirror: Mirror, origin: Origin, all: readonly Wanting[]): Promise<void> {
  try {
    const here = new Set(pinned(mirror));
    const missing = new Set(all.map(({ commit }) => commit).filter((commit) => !here.has(commit)));
    const lacking = missing.size === 0 ? new Map() : await fetchCommits(mirror, origin, [...missing], all[0]!.how);
    for (const { commit, resolve, reject } of all)
      if (lacking.has(commit)) reject(lacking.get(commit));
      else resolve();
  } catch (thrown) {
    for (const { reject } of all) reject(thrown);
  }
}
