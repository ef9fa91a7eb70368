import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, renameSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { expect, it } from 'vitest';

import { runIn } from './environment.ts';
import { small } from './small.ts';
import { listing } from './tree.ts';

const on = small();

it('a target that was moved still runs', async () => {
  await on.realize();
  const moved = on.bench.at('elsewhere');
  renameSync(on.bench.target, moved);
  expect(await runIn(moved, '.venv/bin/python', 'main.py')).toBe('core 1\n');
  expect(await runIn(moved, '.venv/bin/tint')).toBe('tinted\n');
  expect((await runIn(moved, '.venv/bin/python', '-c', 'import tint; print(tint.__file__)')).trim()).toContain(moved);
});

it('a target that was moved is realized again in its new place without building anything', async () => {
  await on.realize();
  const asked = on.world.asked();
  const moved = on.bench.at('elsewhere');
  renameSync(on.bench.target, moved);
  const before = listing(moved);
  const { summary, built } = await on.bench.realize('small', ['--target', moved]);
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(built).toEqual([]);
  expect(on.world.asked()).toBe(asked);
  expect(listing(moved)).toEqual(before);
});

it('a target that was moved to another depth finds its models again by realizing once', async () => {
  await on.realize();
  const moved = on.bench.at('deep');
  renameSync(on.bench.target, `${on.bench.home}/deeper`);
  const target = `${on.bench.home}/deeper`;
  const { summary, built } = await on.bench.realize('small', ['--target', target]);
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(built).toEqual(['activate', 'link-models']);
  expect(readFileSync(join(target, 'models/loras/small.safetensors')).length).toBe(50_000);
  expect(existsSync(moved)).toBe(false);
  expect((await on.bench.realize('small', ['--target', target])).built).toEqual([]);
});

it('target and cache moved together (another mount point) still run, and nothing is built', async () => {
  await on.realize();
  const { bench } = on;
  const moved = bench.at('volume');
  renameSync(bench.target, join(bench.home, 'target'));
  renameSync(bench.cache, join(bench.home, 'cache'));
  renameSync(bench.home, moved);
  const env = { COMFY_CACHE_ROOT: join(moved, 'cache'), MODELS_DIR: join(moved, 'cache/models') };
  expect(readFileSync(join(moved, 'target/models/loras/small.safetensors')).length).toBe(50_000);
  const { summary, built } = await bench.realize('small', ['--target', join(moved, 'target')], { env });
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(built).toEqual([]);
});

it('no link and no text of the target holds the place it was made in', async () => {
  await on.realize();
  const holds: string[] = [];
  for (const name of readdirSync(on.bench.target, { recursive: true, encoding: 'utf8' })) {
    const path = join(on.bench.target, name);
    const stat = lstatSync(path);
    const text = stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? readFileSync(path, 'latin1') : '';
    if (stat.isSymbolicLink() && isAbsolute(text) && text.startsWith(on.bench.directory)) holds.push(name);
    if (stat.isFile() && text.includes(on.bench.directory)) holds.push(name);
  }
  expect(holds).toEqual([]);
});
