import type { Around } from '../../pipelines/cli/around.ts';
import { commandGc } from '../../pipelines/cli/cache/command-gc.ts';

/** Collects garbage without a pause, and without grace, until it is killed or has done so often enough; says each round. */
const { rounds } = JSON.parse(process.argv[2]!) as { readonly rounds: number };
const around: Around = {
  argv: [],
  cwd: process.cwd(),
  environment: { ...process.env } as Record<string, string>,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: new AbortController().signal,
};
for (let round = 0; round < rounds; round += 1)
  try {
    await commandGc(around, { grace: '0s', json: true });
  } catch (error) {
    // Before anything was realized there is no cache.
    if (!/does not exist/.test((error as Error).message)) throw error;
    process.stdout.write('none\n');
  }
