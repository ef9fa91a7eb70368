import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { small } from './small.ts';
import { changedPaths, type Listing, targetListing } from './tree.ts';

const on = small();

const rollback = (...more: readonly string[]) =>
  on.bench.pipeline(['rollback', 'small', '--target', on.bench.target, ...more]);

const seen = (): Listing =>
  Object.fromEntries(Object.entries(targetListing(on.bench.target)).filter(([path]) => !path.startsWith('.pipeline/')));

/** Realizes `small`, then another alpha in it. */
async function upgraded() {
  await on.realize();
  const first = seen();
  on.relock({ nodes: on.nodesBut('alpha', await on.world.node('alpha', { '__init__.py': 'ALPHA = 9\n' })) });
  await on.realize();
  return { first, second: seen() };
}

it('rollback asks no server, and gives back every file', async () => {
  const { first, second } = await upgraded();
  expect(changedPaths(first, second)).toContain('custom_nodes/alpha/__init__.py');
  const asked = on.world.asked();
  const { exitCode, summary, built } = await rollback('--json');
  expect([exitCode, summary.bytes_fetched, on.world.asked()]).toEqual([0, 0, asked]);
  expect(built).toEqual(['activate', 'place-node alpha']);
  expect(changedPaths(first, seen())).toEqual([]);
});

it('rollback to what the store no longer has changes nothing, asks nobody, and says how to fetch it, with exit code 5', async () => {
  const { second } = await upgraded();
  const { input } = JSON.parse(
    readFileSync(join(on.bench.target, '.pipeline/receipts/node%20beta%20%28git%29.answer'), 'utf8'),
  ) as { readonly input: unknown };
  expect(JSON.stringify(input)).toContain('tree:');
  for (const room of ['trees', 'blobs']) rmSync(join(on.bench.cache, 'store', room), { recursive: true });
  rmSync(join(on.bench.cache, 'git'), { recursive: true });
  const asked = on.world.asked();
  const { exitCode, stderr } = await rollback('--json');
  expect(exitCode).toBe(5);
  expect(stderr).toContain(`realize small --lock ${join(on.bench.target, '.pipeline/history/1.lock.json')}`);
  expect(on.world.asked()).toBe(asked);
  expect(changedPaths(second, seen()).filter((path) => !path.startsWith('models/'))).toEqual([]);
});

it('what rollback says of fetching what is missing does it', async () => {
  const { first } = await upgraded();
  for (const room of ['store', 'results', 'recent', 'git']) rmSync(join(on.bench.cache, room), { recursive: true });
  const { stderr } = await rollback('--json');
  const words = /pipeline (realize .+)/.exec(stderr)![1]!.split(' ');
  expect((await on.bench.pipeline([...words, '--json'])).exitCode).toBe(0);
  expect(changedPaths(first, seen())).toEqual([]);
});

it('repair and status find a target by --target alone, whatever its version says', async () => {
  await on.realize();
  rmSync(join(on.bench.target, 'main.py'));
  const elsewhere = on.bench.at('home');
  const how = { cwd: elsewhere };
  const status = await on.bench.pipeline(['status', '--target', on.bench.target], how);
  expect(status.stdout).toContain('core: 1 missing');
  const repair = await on.bench.pipeline(['repair', 'small', '--target', on.bench.target, '--json'], how);
  expect(repair.built).toEqual(['activate', 'place-core']);
});
