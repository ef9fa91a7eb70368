import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { keepingTimes, keepLayout, keepText, listing, temporary, testStore, textOf } from './rig.ts';

type Damage = (object: string) => void;

const flipBit: Damage = (path) => {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
};

/** The way editors save: beside, then renamed over. */
const replace: Damage = (path) => {
  copyFileSync(path, `${path}.new`);
  flipBit(`${path}.new`);
  renameSync(`${path}.new`, path);
};

const throughHardlink: Damage = (path) => {
  const other = join(temporary(), 'other');
  linkSync(path, other);
  appendFileSync(other, '!');
};

const aFile: Readonly<Record<string, Damage>> = {
  'a flipped bit': flipBit,
  'a truncated file': (path) => truncateSync(path, 3),
  'an emptied file': (path) => truncateSync(path, 0),
  'an edit that keeps size and mtime, by an editor that renames': (path) => keepingTimes(path, () => replace(path)),
  'an edit through a hardlink': throughHardlink,
  'a directory in its place': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  'a link to the same bytes in its place': (path) => {
    const moved = join(temporary(), 'moved');
    copyFileSync(path, moved);
    rmSync(path);
    symlinkSync(moved, path);
  },
};

test.each(Object.entries(aFile))('damage to a blob: %s', async (_, damage) => {
  const store = testStore();
  const blob = await keepText(store, 'the bytes of a model');
  expect(await store.proves(blob)).toBe(true);
  damage(store.pathOf(blob));
  expect(await store.proves(blob)).toBe(false);
  expect(await store.proves(blob)).toBe(false);
  expect(store.warnings).toEqual([expect.stringContaining(`${blob} was damaged`)]);
  expect(listing(join(store.root, 'quarantine'))).toHaveLength(1);
  expect(await keepText(store, 'the bytes of a model')).toBe(blob);
  expect(await store.proves(blob, { rehash: true })).toBe(true);
});

const layout = {
  'a.py': 'print(1)\n',
  'bin/run': ['#!/bin/sh\n'],
  'lib/b.py': 'print(2)\n',
  'lib/link': { to: '../a.py' },
  empty: {},
} as const;

const aTree: Readonly<Record<string, Damage>> = {
  ...Object.fromEntries(
    Object.entries(aFile).map(([name, damage]) => [name, (object: string) => damage(join(object, 'lib/b.py'))]),
  ),
  'a deleted file': (object) => unlinkSync(join(object, 'lib/b.py')),
  'an extra file at the top': (object) => writeFileSync(join(object, 'extra'), ''),
  'an extra file further down': (object) => writeFileSync(join(object, 'lib/extra'), ''),
  'an extra file in an empty directory': (object) => writeFileSync(join(object, 'empty/extra'), ''),
  'an extra empty directory': (object) => mkdirSync(join(object, 'lib/extra')),
  'a removed empty directory': (object) => rmdirSync(join(object, 'empty')),
  'a swapped link': (object) => {
    unlinkSync(join(object, 'lib/link'));
    symlinkSync('../b.py', join(object, 'lib/link'));
  },
  'a link followed by a copy': (object) => {
    unlinkSync(join(object, 'lib/link'));
    copyFileSync(join(object, 'a.py'), join(object, 'lib/link'));
  },
  'a program that is none any more': (object) => chmodSync(join(object, 'bin/run'), 0o644),
  'two files that changed places': (object) => {
    renameSync(join(object, 'a.py'), join(object, 'c'));
    renameSync(join(object, 'lib/b.py'), join(object, 'a.py'));
    renameSync(join(object, 'c'), join(object, 'lib/b.py'));
  },
  'a file in its place': (object) => {
    rmSync(object, { recursive: true });
    writeFileSync(object, 'not a tree');
  },
};

test.each(Object.entries(aTree))('damage to a tree: %s', async (_, damage) => {
  const store = testStore();
  const tree = await keepLayout(store, layout);
  expect(await store.proves(tree)).toBe(true);
  damage(store.pathOf(tree));
  expect(await store.proves(tree)).toBe(false);
  expect(await store.proves(tree)).toBe(false);
  expect(store.warnings).toEqual([expect.stringContaining(`${tree} was damaged`)]);
  expect(await keepLayout(store, layout)).toBe(tree);
  expect(await store.proves(tree, { rehash: true })).toBe(true);
});

test('a deleted object is missing, and nothing to speak of', async () => {
  const store = testStore();
  const [blob, tree] = [await keepText(store, 'text'), await keepLayout(store, layout)];
  rmSync(store.pathOf(blob));
  rmSync(store.pathOf(tree), { recursive: true });
  expect([await store.proves(blob), await store.proves(tree), store.warnings]).toEqual([false, false, []]);
});

test.each(['blob', 'tree'])('an edit in place that keeps size and mtime is found by rehash: %s', async (kind) => {
  const store = testStore();
  const digest = kind === 'blob' ? await keepText(store, 'text') : await keepLayout(store, { file: 'text' });
  const file = kind === 'blob' ? store.pathOf(digest) : join(store.pathOf(digest), 'file');
  keepingTimes(file, () => flipBit(file));
  expect(await store.proves(digest, { rehash: true })).toBe(false);
});

test('a touched object is read again once, and its fingerprint is renewed', async () => {
  const store = testStore();
  const tree = await keepLayout(store, layout);
  const before = textOf(`${store.pathOf(tree)}.seen`);
  const file = join(store.pathOf(tree), 'a.py');
  writeFileSync(file, textOf(file));
  expect(await store.proves(tree)).toBe(true);
  expect(textOf(`${store.pathOf(tree)}.seen`)).not.toBe(before);
});

test.each<[string, Damage]>([
  ['missing', (seen) => rmSync(seen)],
  ['empty', (seen) => truncateSync(seen, 0)],
  ['cut after a whole line', (seen) => writeFileSync(seen, `${textOf(seen).split('\n').slice(0, 3).join('\n')}\n`)],
  ['full of zeros', (seen) => writeFileSync(seen, Buffer.alloc(textOf(seen).length))],
])('a fingerprint that is %s proves nothing', async (_, damage) => {
  const store = testStore();
  const tree = await keepLayout(store, layout);
  damage(`${store.pathOf(tree)}.seen`);
  const last = join(store.pathOf(tree), 'lib/b.py');
  keepingTimes(last, () => flipBit(last));
  expect(await store.proves(tree)).toBe(false);
});

test.each<[string, Damage]>([
  ['missing', (manifest) => rmSync(manifest)],
  ['empty', (manifest) => truncateSync(manifest, 0)],
  ['flipped', flipBit],
])('a manifest that is %s is made again from the tree', async (_, damage) => {
  const store = testStore();
  const tree = await keepLayout(store, layout);
  const entries = await store.entries(tree);
  damage(`${store.pathOf(tree)}.manifest`);
  expect(await store.entries(tree)).toEqual(entries);
  expect(await testStore(store.root).entries(tree)).toEqual(entries);
});

test('entries() of a damaged tree are refused', async () => {
  const store = testStore();
  const tree = await keepLayout(store, layout);
  rmSync(`${store.pathOf(tree)}.manifest`);
  flipBit(join(store.pathOf(tree), 'a.py'));
  await expect(store.entries(tree)).rejects.toMatchObject({ code: 'EIO', path: store.pathOf(tree) });
});
