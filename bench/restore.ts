import { join } from 'node:path';

import { realize, without } from './commands.ts';
import { findGround } from './ground.ts';
import { against, type Line } from './report.ts';
import { once, type Stopwatch } from './stopwatch.ts';

/** The cache came from another machine, as a copy: nothing is fetched, and nothing of it is believed before it was read. */
export async function restored({ measure }: Stopwatch): Promise<readonly Line[]> {
  const { world, lock } = await findGround();
  const { root } = world;
  const run = (...argv: readonly [string, ...string[]]): void => void once({ name: argv[0], argv, cwd: root });
  run('tar', 'cf', 'target.tar', 'target');
  const realizing = realize(world, { lock, target: 'restored', more: ['--offline', '--skip-models'] });
  const [ours, theirs] = measure(
    [
      {
        ...realizing,
        name: 'realize',
        environment: { ...realizing.environment, COMFY_CACHE_ROOT: join(root, 'copied-cache') },
        before(): void {
          without(world, 'restored', 'copied-cache')();
          run('cp', '-a', 'cache', 'copied-cache');
        },
      },
      {
        name: 'tar x',
        argv: ['tar', 'xf', 'target.tar', '-C', 'unpacked'],
        cwd: root,
        before(): void {
          without(world, 'unpacked')();
          run('mkdir', 'unpacked');
        },
      },
    ],
    { runs: 5 },
  );
  return [against('restore from the store', ours, theirs, 1.5)];
}
