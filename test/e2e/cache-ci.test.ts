import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { unplugged } from '../rig/unplugged.ts';
import { caching, type Collected, type Document } from './caching.ts';
import { type Bench, openBench } from './rig.ts';
import { lockOf, type Pins } from './world.ts';

const on = caching();

const block = (platform: string, wheels: Pins['wheels']) => ({ platform, wheels });

it('what prune keeps is all that a machine without network needs, and no more', async () => {
  on.bench.lock('other', lockOf(on.others));
  await on.realize('small');
  await on.realize('other');
  rmSync(on.bench.at('other'), { recursive: true });
  const { left_bytes: left, missing } = await on.told<Collected>('prune', '--keep', 'small');
  expect(missing).toEqual([]);
  expect(existsSync(join(on.bench.cache, 'git'))).toBe(true);
  expect(readdirSync(join(on.bench.cache, 'git'))).toEqual(['incoming']);
  const stats = await on.told<{ readonly kinds: readonly Document[] }>('stats');
  const kinds = stats.kinds.map(({ kind }) => kind);
  expect(kinds).toEqual(['models', 'packages', 'core', 'nodes', 'results', 'records']);
  expect(await on.told<Collected>('prune', '--keep', 'small')).toMatchObject({ removed: 0, left_bytes: left });
  await on.expectWhole('small');
  using there = openBench();
  cpSync(on.bench.cache, there.cache, { recursive: true, verbatimSymlinks: true });
  there.lock('small', lockOf(on.pins));
  const asked = on.world.asked();
  const { summary } = await there.realize('small', ['--offline'], { under: unplugged ?? [] });
  expect([summary.ok, summary.bytes_fetched, on.world.asked()]).toEqual([true, 0, asked]);
});

it('prune says what is missing, keeps what it would be made of, and leaves the models of other targets alone', async () => {
  on.bench.lock('other', lockOf(on.others));
  await on.realize('other');
  const { missing } = await on.told<Collected>('prune', '--keep', 'small');
  expect(missing).toEqual(['fetch-model loras/small.safetensors', 'fetch-node alpha'].toSorted());
  await on.expectWhole('other');
});

it('a key is the same on every machine, prints nothing else, and changes with what realizing would do', async () => {
  const key = async (machine: Bench = on.bench, ...more: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await machine.pipeline(['key', 'small', ...more], { under: unplugged ?? [] });
    expect([exitCode, stderr, stdout]).toEqual([0, '', expect.stringMatching(/^[0-9a-f]{64}\n$/)]);
    return stdout;
  };
  const first = await key();
  expect(existsSync(on.bench.cache)).toBe(false);
  await on.realize('small');
  using elsewhere = openBench();
  elsewhere.lock('small', lockOf(on.pins));
  expect([await key(), await key(elsewhere)]).toEqual([first, first]);
  const models = on.pins.models.map((model) => ({
    ...model,
    sources: ['https://mirror.example/x', ...(model['sources'] as string[])],
  }));
  elsewhere.lock('small', lockOf({ ...on.pins, models }));
  expect(await key(elsewhere)).toBe(first);
  const changed = [
    on.others,
    { ...on.pins, wheels: on.pins.wheels.slice(1) },
    { ...on.pins, core: { ...on.pins.core, commit: 'a'.repeat(40) } },
  ];
  const keys = [first];
  for (const one of changed) {
    elsewhere.lock('small', lockOf(one));
    keys.push(await key(elsewhere));
  }
  keys.push(await key(on.bench, '--skip-models'), await key(on.bench, '--installer', 'pip'));
  expect(new Set(keys).size).toBe(6);
  const { platform, id } = JSON.parse((await on.bench.pipeline(['key', 'small', '--json'])).stdout) as Document;
  expect([id, platform]).toEqual(['small', expect.stringMatching(/^linux-/)]);
});

it('a key ignores what other platforms need; a version without a lockfile has none', async () => {
  const lock = (more: readonly unknown[]) => ({
    ...lockOf(on.pins),
    python: {
      version: '3',
      platforms: [block('linux-x86_64', on.pins.wheels), block('linux-aarch64', on.pins.wheels), ...more],
    },
  });
  const key = async (): Promise<string> => (await on.bench.pipeline(['key', 'small'])).stdout;
  on.bench.lock('small', lock([]));
  const first = await key();
  on.bench.lock('small', lock([block('macosx-arm64', [])]));
  expect([first, await key()]).toEqual([expect.stringMatching(/^[0-9a-f]{64}\n$/), first]);
  rmSync(join(on.bench.project, 'lockfiles/small.lock.json'));
  const { exitCode, stdout, stderr } = await on.bench.pipeline(['key', 'small']);
  expect([exitCode, stdout, stderr]).toEqual([3, '', expect.stringContaining('hint: run `pipeline validate small`')]);
});
