import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { appendFileSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { keepLayout, keepText, lay, listing, temporary, textOf } from '../cache/rig.ts';
import { failureOf, layerOf, listed, room, usual } from './rig.ts';

const node = {
  '__init__.py': 'A = 1\n',
  'bin/run': ['#!/bin/sh\n'],
  'bin/link': { to: 'run' },
  '.git/HEAD': 'ref: refs/heads/main\n',
  'lib/.git/config': '',
  empty: {},
} as const;

test('a layer is what real tar lays out: files, programs, links, empty directories, and no .git', async () => {
  const here = room();
  const tree = await keepLayout(here.store, node);
  const layer = await layerOf(here, [{ tree, at: 'opt/comfyui/custom_nodes/x' }]);
  const into = temporary();
  execFileSync('tar', ['-xf', here.store.pathOf(layer.file), '-C', into]);
  const plain = lay(temporary(), {
    'opt/comfyui/custom_nodes/x/__init__.py': 'A = 1\n',
    'opt/comfyui/custom_nodes/x/bin/run': ['#!/bin/sh\n'],
    'opt/comfyui/custom_nodes/x/bin/link': { to: 'run' },
    'opt/comfyui/custom_nodes/x/empty': {},
  });
  expect(listing(into)).toEqual(listing(plain));
  expect(textOf(join(into, 'opt/comfyui/custom_nodes/x/bin/link'))).toBe('#!/bin/sh\n');
});

test('what lies in the directory belongs to its owner, what leads there to root, and nothing says when', async () => {
  const here = room();
  const layer = await layerOf(here, [{ text: 'x', at: 'opt/comfyui/user/a' }, { directory: 'opt/comfyui/output' }]);
  expect(listed(here.store.pathOf(layer.file)).map((line) => line.split(/\s+/))).toEqual([
    ['drwxr-xr-x', '0/0', '0', '1970-01-01', '00:00:00', 'opt/'],
    ['drwxr-xr-x', '1000/1000', '0', '1970-01-01', '00:00:00', 'opt/comfyui/'],
    ['drwxr-xr-x', '1000/1000', '0', '1970-01-01', '00:00:00', 'opt/comfyui/output/'],
    ['drwxr-xr-x', '1000/1000', '0', '1970-01-01', '00:00:00', 'opt/comfyui/user/'],
    ['-rw-r--r--', '1000/1000', '1', '1970-01-01', '00:00:00', 'opt/comfyui/user/a'],
  ]);
});

test.for(['gzip', 'zstd', 'none'] as const)(
  'the same content gives the same %s layer on two machines',
  async (compression) => {
    const layers = [];
    for (const machine of [room(), room()]) {
      const tree = await keepLayout(machine.store, node);
      utimesSync(join(machine.store.pathOf(tree), '__init__.py'), layers.length * 1e6, layers.length * 1e6);
      layers.push(await machine.images.layer({ ...usual, compression, parts: [{ tree, at: 'opt/comfyui' }] }));
    }
    expect(layers[1]).toEqual(layers[0]);
  },
);

test('a layer is called by its own bytes, and says what tar is in it', async () => {
  const here = room();
  const { file, size, diff, mediaType } = await layerOf(here, [{ text: 'x'.repeat(5000), at: 'opt/comfyui/a' }]);
  const bytes = readFileSync(here.store.pathOf(file));
  expect([file, size]).toEqual([`blob:${hash('sha256', bytes)}`, bytes.length]);
  expect(diff).toBe(hash('sha256', gunzipSync(bytes)));
  expect(mediaType).toBe('application/vnd.oci.image.layer.v1.tar+gzip');
});

test('where two parts differ the later one wins, and takes the place it needs', async () => {
  const here = room();
  const layer = await layerOf(here, [
    { tree: await keepLayout(here.store, { a: 'file', 'b/c': 'below', d: 'first' }), at: 'opt/comfyui' },
    { tree: await keepLayout(here.store, { 'a/b': 'below', b: 'file', d: 'second' }), at: 'opt/comfyui' },
  ]);
  const into = temporary();
  execFileSync('tar', ['-xf', here.store.pathOf(layer.file), '-C', join(into)]);
  const at = (path: string): string => textOf(join(into, 'opt/comfyui', path));
  expect([at('a/b'), at('b'), at('d')]).toEqual(['below', 'file', 'second']);
});

test('names that are long or not ASCII arrive as they are', async () => {
  const here = room();
  const long = `${'directory/'.repeat(30)}${'n'.repeat(200)}.py`;
  const names = { [long]: '1', 'größe.txt': '2', link: { to: `/${'x'.repeat(180)}` } };
  const layer = await layerOf(here, [{ tree: await keepLayout(here.store, names), at: 'opt/comfyui' }]);
  const into = temporary();
  execFileSync('tar', ['-xf', here.store.pathOf(layer.file), '-C', into]);
  expect(listing(join(into, 'opt/comfyui'))).toEqual(listing(lay(temporary(), names)));
});

test.for(['.wh.gone', '.wh..wh..opq', 'deep/.wh.x'])(
  '%s would take something away in an image: it is refused',
  async (name) => {
    const here = room();
    const tree = await keepLayout(here.store, { [name]: '' });
    expect(await failureOf(layerOf(here, [{ tree, at: 'opt/comfyui' }]))).toMatchObject({ kind: 'refused' });
  },
);

test('a stored file that is not what it was goes into no layer', async () => {
  const here = room();
  const file = await keepText(here.store, 'a model');
  appendFileSync(here.store.pathOf(file), 'x');
  const made = layerOf(here, [{ blob: file, at: 'opt/comfyui/models/m' }]);
  await expect(made).rejects.toThrow(/not what it was|EIO/);
});
