import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { type NodeWorld, openNodeBench, openNodeWorld } from './rig.ts';
import { switching } from './rows/switching.ts';
import { ofTheUser } from './rows/user-files.ts';
import { ofOthers } from './rows/their-packs.ts';
import { ofOthers2 } from './rows/their-packs-2.ts';
import { collisions } from './rows/collisions.ts';
import { failures } from './rows/failures.ts';
import { on } from './words.ts';

let world: NodeWorld;
beforeAll(async () => {
  world = await openNodeWorld();
  const foo = await world.pack('ComfyUI-Foo');
  foo.release('1.0.0', { 'old.py': 'old', 'data/table.txt': '1', 'assets/a/deep.txt': 'x' });
  foo.release('1.1.0', { 'data/table.txt': '1', 'new.py': 'new' });
  foo.release('2.0.0', { data: 'a file where a directory was' });
  foo.release('2.1.0-beta.1');
  foo.release('2.1.0-beta.1+build.5');
  const nightly = `nightly ${(await foo.commit({ ...foo.files('3.0.0') })).slice(0, 8)}`;
  const bar = await world.pack('comfyui_bar', { repository: false });
  bar.release('0.5.0');
  const barNightly = `nightly ${(await bar.commit({ '__init__.py': '' })).slice(0, 8)}`;
  Object.assign(on, { foo, bar, nightly, barNightly });
});
afterAll(async () => world[Symbol.asyncDispose]());

const rows = [...switching, ...ofTheUser, ...ofOthers, ...ofOthers2, ...collisions, ...failures];

it('the table has 80 rows or more, each of its own', () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThanOrEqual(80);
});

it.each(rows)('$name', async ({ before, run, after, exitCode = 0, more }) => {
  using bench = openNodeBench(world);
  for (const step of before) await step(bench);
  const layout = bench.layout();
  const words = run
    .replace('REPO-FOO', on.foo.repo)
    .replace('REPO-BAR', on.bar.repo)
    .replace('REPO-NOWHERE', world.gits.url('nowhere'));
  const done = await bench.node(...words.split(' '));
  expect([done.exitCode, done.exitCode === exitCode ? '' : JSON.stringify(done.failure)]).toEqual([exitCode, '']);
  const expected = after();
  expect(bench.layout()).toEqual(expected === '=' ? layout : expected);
  more?.(bench, done);
  expect(existsSync(bench.at('.pipeline/journal.json'))).toBe(false);
});
