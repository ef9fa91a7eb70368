import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { commandLines, good, pins } from './bad-input.ts';
import { type Bench, openBench } from './rig.ts';
import { listing } from './tree.ts';

/** Writes what the command lines are about. */
function prepare(bench: Bench): void {
  bench.lock('good', pins);
  bench.write({ 'versions/good.json': good });
  mkdirSync(bench.target);
  writeFileSync(join(bench.target, 'mine.txt'), 'mine\n');
}

// Documents that are broken have a table of their own: `broken/`.
it.each(commandLines)(
  '$what gives one message that names it, exit code $exitCode, and writes nothing',
  async ({ args, says, exitCode: expected }) => {
    using bench = openBench();
    prepare(bench);
    const before = listing(bench.directory);
    const { exitCode, stderr, stdout } = await bench.pipeline(args);
    expect(stderr).toMatch(/^error: /);
    expect(stderr.match(/^error: /gm)).toHaveLength(1);
    for (const text of says) expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stdout).toBe('');
    expect(exitCode).toBe(expected);
    expect(listing(bench.directory)).toEqual(before);
  },
);

it('what all of these are about is good', async () => {
  using bench = openBench();
  prepare(bench);
  const { exitCode, stderr, stdout } = await bench.pipeline(['graph', 'good']);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('fetch-core');
});
