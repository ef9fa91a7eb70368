import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { realize, without } from './commands.ts';
import { findGround } from './ground.ts';
import { against, type Line } from './report.ts';
import { once, type Stopwatch, type Subject } from './stopwatch.ts';
import { launcher, type World } from './world.ts';
import { newest, writeLock } from './write-lock.ts';

/**
 * Jobs on machines where nothing was before, everything 20 ms away: without a cache; with the one that such a job saved; and with
 * that one after a node has changed. Unpacking the archive is counted, bringing it to the machine is not.
 */
export async function jobs(stopwatch: Stopwatch): Promise<readonly Line[]> {
  const { world, loopback, parts, lock } = await findGround();
  const { repositories, ...rest } = newest(parts);
  const [core, node, ...others] = repositories;
  const earlier = { ...node!, commit: parts.nodes[0]!.commits.at(-2)! };
  const changed = writeLock(world, 'ci-changed', { ...rest, repositories: [core!, earlier, ...others] }, loopback.far);
  const before = without(world, 'ci', 'ci-cache');
  const job = (
    name: string,
    how: { readonly lock: string; readonly isWarm: boolean; readonly more?: readonly string[] },
  ) => {
    const { argv, cwd, environment } = realize(world, { target: 'ci', ...how });
    const script = how.isWarm ? 'mkdir ci-cache && tar --zstd -xf ci.tar -C ci-cache && exec "$@"' : 'exec "$@"';
    const env = { ...environment, COMFY_CACHE_ROOT: join(world.root, 'ci-cache') };
    return { name, argv: ['sh', '-c', script, 'sh', ...argv], cwd: cwd!, environment: env, before } satisfies Subject;
  };
  const cold = job('cold', { lock, isWarm: false });
  once(cold);
  save(world, lock);
  const few = { runs: 5, warmUp: false };
  const [none, warm, one] = stopwatch.measure(
    [
      cold,
      job('warm', { lock, isWarm: true, more: ['--offline'] }),
      job('one node changed', { lock: changed, isWarm: true }),
    ],
    few,
  );
  // A cache that costs as much as it saves is none.
  return [against('CI, warm', warm, none, 1), against('CI, one node changed', one, none, 1)];
}

/** Saves the cache of the last job as recipes do. */
function save({ root, environment }: World, lock: string): void {
  mkdirSync(join(root, 'lockfiles'), { recursive: true });
  copyFileSync(lock, join(root, 'lockfiles/bench.lock.json'));
  const prune = [process.execPath, launcher, 'cache', 'prune', '--keep', 'bench'] as const;
  once({
    name: 'prune',
    argv: prune,
    cwd: root,
    environment: { ...environment, COMFY_CACHE_ROOT: join(root, 'ci-cache') },
  });
  once({ name: 'tar', argv: ['tar', '--zstd', '-cf', 'ci.tar', '-C', 'ci-cache', '.'], cwd: root });
}
