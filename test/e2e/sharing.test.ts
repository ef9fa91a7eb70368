import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { small } from './small.ts';
import { lockOf } from './world.ts';

const on = small();

it('a second version that shares everything asks no server for anything', async () => {
  await on.realize();
  const { git, files } = on.world;
  const before = [git.requests.length, files.asked.length];
  on.bench.lock('other', lockOf(on.pins));
  const { built, summary } = await on.bench.realize('other', ['--target', on.bench.at('other')]);
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect([git.requests.length, files.asked.length]).toEqual(before);
  expect(built.filter((name) => /^(?:fetch|unpack)-/.test(name))).toEqual([]);
  expect(readFileSync(on.bench.at('other/custom_nodes/alpha/__init__.py'), 'utf8')).toBe('ALPHA = 1\n');
});

it('two versions that share nodes, wheels and models: the second fetches only what is its own', async () => {
  await on.realize();
  const { git, files } = on.world;
  const before = { git: git.requests.length, files: files.asked.length };
  const own = {
    core: on.pins.core,
    nodes: [...on.pins.nodes, await on.world.node('own', { '__init__.py': 'OWN = 1\n' })],
    wheels: [...on.pins.wheels, on.world.wheel({ name: 'own', files: { 'own.py': 'OWN = 1\n' } })],
    models: [...on.pins.models, on.world.model('vae/own.safetensors', 'own')],
  };
  on.bench.lock('other', lockOf(own));
  const { built, summary } = await on.bench.realize('other', ['--target', on.bench.at('other')]);
  expect(summary.ok).toBe(true);
  expect(built.filter((name) => /^(?:fetch|unpack)-/.test(name))).toEqual([
    'fetch-model vae/own.safetensors',
    'fetch-node own',
    'fetch-wheel own-1.0-py3-none-any.whl',
    'unpack-wheel own-1.0-py3-none-any.whl',
  ]);
  expect(new Set(git.requests.slice(before.git).map(({ repository }) => repository))).toEqual(new Set(['own']));
  const paths = files.asked.slice(before.files).map(({ path }) => path);
  expect(paths.toSorted()).toEqual(['/models/vae/own.safetensors', '/wheels/own-1.0-py3-none-any.whl']);
});

it('a model exists once on disk, whatever the number of targets', async () => {
  await on.realize();
  on.bench.lock('other', lockOf(on.pins));
  const other = on.bench.at('other');
  expect((await on.bench.realize('other', ['--target', other])).summary.ok).toBe(true);
  const path = 'models/checkpoints/big.safetensors';
  const links = [join(on.bench.target, path), join(other, path), join(on.bench.cache, path)];
  expect(links.map((link) => lstatSync(link).isSymbolicLink())).toEqual([true, true, true]);
  expect(new Set(links.map((link) => statSync(link).ino)).size).toBe(1);
  expect(filesOfSize(on.bench.directory, 300_000)).toHaveLength(1);
});

/** The inodes of all regular files of that size below a directory. */
function filesOfSize(directory: string, size: number): readonly number[] {
  const inodes = new Set<number>();
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const stat = lstatSync(join(directory, name));
    if (stat.isFile() && stat.size === size) inodes.add(stat.ino);
  }
  return [...inodes];
}
