import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { small } from './small.ts';
import { changedPaths, listing, targetListing } from './tree.ts';

const on = small();

it("another commit of one node: only that node's steps and the activation run", async () => {
  await on.realize();
  const before = targetListing(on.bench.target);
  const alpha = await on.world.node('alpha', { '__init__.py': 'ALPHA = 2\n' });
  const asked = on.world.git.requests.length;
  on.relock({ nodes: on.nodesBut('alpha', alpha) });
  const { built } = await on.realize();
  expect(built).toEqual(['activate', 'fetch-node alpha', 'place-node alpha']);
  expect(readFileSync(join(on.bench.target, 'custom_nodes/alpha/__init__.py'), 'utf8')).toBe('ALPHA = 2\n');
  const repositories = on.world.git.requests.slice(asked).map(({ repository }) => repository);
  expect(new Set(repositories)).toEqual(new Set(['alpha']));
  const elsewhere = changedPaths(before, targetListing(on.bench.target)).filter(
    (path) => !/^(?:custom_nodes\/alpha|\.pipeline)\//.test(path),
  );
  expect(elsewhere).toEqual([]);
  expect((await on.realize()).built).toEqual([]);
});

it('another list of mirrors for a model: nothing runs', async () => {
  await on.realize();
  const before = listing(on.bench.target);
  const asked = on.world.asked();
  const models = on.pins.models.map((model) => ({ ...model, sources: ['https://mirror.invalid/x.safetensors'] }));
  on.relock({ models });
  const { built, summary } = await on.realize();
  expect(built).toEqual([]);
  expect(summary).toMatchObject({ built: 0, bytes_fetched: 0 });
  expect(on.world.asked()).toBe(asked);
  expect(listing(on.bench.target)).toEqual(before);
});

it('another file for a model: only its download, the links and the activation run', async () => {
  await on.realize();
  const [big, other] = on.pins.models;
  const next = on.world.model('checkpoints/next.safetensors', 'next');
  on.relock({ models: [{ ...next, path: big!['path'] }, other!] });
  const { built, summary } = await on.realize();
  expect(built).toEqual(['activate', 'fetch-model checkpoints/big.safetensors', 'link-models']);
  expect(summary.bytes_fetched).toBe(4);
  expect(readFileSync(join(on.bench.target, 'models/checkpoints/big.safetensors'), 'utf8')).toBe('next');
});

it('another release of one wheel: only its steps, the environment and the activation run', async () => {
  await on.realize();
  const tint = on.world.wheel({ name: 'tint', version: '2.0', files: { 'tint/__init__.py': 'TINT = 2\n' } });
  on.relock({ wheels: [tint, on.pins.wheels[1]!] });
  const { built } = await on.realize();
  const file = 'tint-2.0-py3-none-any.whl';
  expect(built).toEqual(['activate', `fetch-wheel ${file}`, 'install-wheels', `unpack-wheel ${file}`]);
});
