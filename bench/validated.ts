import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { without } from './commands.ts';
import { python } from './larder.ts';
import { against, type Line } from './report.ts';
import type { Stopwatch, Subject } from './stopwatch.ts';
import { launcher, openWorld, type World } from './world.ts';

const eachWayMs = 50;

/**
 * The first validation of a version of 30 nodes and 16 models, every service 50 ms away in each direction: against the same
 * questions one after another (`--jobs 1`), and each pack asked for by itself.
 */
export async function validated({ measure }: Stopwatch): Promise<readonly Line[]> {
  using world = openWorld();
  const program = join(import.meta.dirname, 'serve-many.ts');
  const services = spawn(process.execPath, [program, String(eachWayMs)], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface(services.stdout), 'line')) as [string];
    for (const [id, version] of Object.entries(JSON.parse(line) as Readonly<Record<string, object>>))
      world.write(`versions/${id}.json`, JSON.stringify({ ...version, version_id: id }));
    const [ours, loop] = measure(
      [validate(world, 'together'), { ...validate(world, 'singly', '--jobs', '1'), name: 'one after another' }],
      { runs: 5, warmUp: false },
    );
    return [against('validate 30 nodes and 16 models, 50 ms each way', ours, loop, 1 / 8)];
  } finally {
    services.kill();
  }
}

const validate = (world: World, id: string, ...more: readonly string[]): Subject => ({
  name: 'validate',
  argv: [process.execPath, launcher, 'validate', id, '--json', ...more],
  cwd: world.root,
  environment: { ...world.environment, COMFY_PYTHON: python },
  before: without(world, 'cache', 'lockfiles'),
});
