import { expect, it } from 'vitest';

import { openBench } from './rig.ts';
import { small } from './small.ts';
import { lockOf } from './world.ts';

const on = small();

it('without an id, the version that was realized last is meant, in the target where it was', async () => {
  on.bench.lock('other', { ...lockOfSmall(), models: [] });
  on.bench.write({ 'versions/never.json': { schema_version: 2, version_id: 'never', comfy: { repo: './core' } } });
  await on.realize();
  const target = on.bench.at('other');
  expect((await on.bench.pipeline(['realize', 'other', '--target', target])).exitCode).toBe(0);
  const other = await on.bench.pipeline(['why', 'activate']);
  expect(other).toMatchObject({ exitCode: 0, stderr: '' });
  expect(other.stdout).toMatch(/^activate: nothing to do\n/);
  const absent = await on.bench.pipeline(['why', 'fetch-model', 'checkpoints/big.safetensors']);
  expect(absent.stderr).toContain('The step `fetch-model checkpoints/big.safetensors` does not exist');
  const there = ['--target', on.bench.target];
  const first = await on.bench.pipeline(['why', 'fetch-model', 'checkpoints/big.safetensors', ...there]);
  expect(first.stdout).toMatch(/^fetch-model checkpoints\/big\.safetensors: nothing to do\n/);
});

it('an id is taken at its word', async () => {
  on.bench.lock('other', { ...lockOfSmall(), models: [] });
  await on.bench.pipeline(['realize', 'other', '--target', on.bench.at('other')]);
  const ended = await on.bench.pipeline(['why', 'small', 'activate', '--target', on.bench.target]);
  expect(ended.stdout).not.toContain('nothing to do');
});

it('when nothing was realized the id must be said, unless there is one version', async () => {
  using bench = openBench();
  bench.lock('one', lockOfSmall());
  expect((await bench.pipeline(['why', 'fetch-core'])).stdout).toMatch(/^fetch-core: would run\n/);
  bench.lock('two', lockOfSmall());
  expect(await bench.pipeline(['why', 'fetch-core'])).toMatchObject({
    exitCode: 2,
    stderr: 'error: Of which version?\nhint: write `pipeline why <id> fetch-core`; there are one, two\n',
  });
});

const lockOfSmall = () => lockOf(on.pins);
