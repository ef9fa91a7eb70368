import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { type Case, commandLines, good, lockfiles, pins, python, sha256, versions } from './bad-input.ts';
import { type Bench, openBench } from './rig.ts';
import { listing } from './tree.ts';

/** Writes everything of a case but its command line. */
function prepare(bench: Bench, { version, lock, files }: Case): void {
  bench.lock('good', { ...pins, python });
  bench.write({ 'versions/good.json': version ?? good, ...files });
  const locked = { schema_version: 3, version_id: 'good', version_digest: sha256, ...pins, python };
  const text = typeof lock === 'object' ? { ...locked, ...lock } : lock;
  if (text !== undefined) bench.write({ 'lockfiles/good.lock.json': text });
  mkdirSync(bench.target);
  writeFileSync(join(bench.target, 'mine.txt'), 'mine\n');
}

it.each([...commandLines, ...versions, ...lockfiles])(
  '$what gives one message that names it, exit code $exitCode, and writes nothing',
  async (wrong) => {
    using bench = openBench();
    prepare(bench, wrong);
    const before = listing(bench.directory);
    const args = wrong.args ?? ['realize', 'good'];
    const { exitCode, stderr, stdout } = await bench.pipeline([
      ...args,
      ...(wrong.args ? [] : ['--target', bench.target, '--json']),
    ]);
    expect(stderr).toMatch(/^error: /);
    expect(stderr.match(/^error: /gm)).toHaveLength(1);
    for (const text of wrong.says) expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stdout).toBe('');
    expect(exitCode).toBe(wrong.exitCode);
    expect(listing(bench.directory)).toEqual(before);
  },
);

it('what all of these differ from is good', async () => {
  using bench = openBench();
  prepare(bench, { what: 'nothing', exitCode: 2, says: [], lock: {} });
  const { exitCode, stderr, stdout } = await bench.pipeline(['graph', 'good']);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('fetch-core');
});
