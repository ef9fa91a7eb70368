import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { hexOf, sha256Of, treeOf } from '#cache';
import { expect, test } from 'vitest';

import { keepLayout, keepText, lay, listing, temporary, testStore, textOf } from './rig.ts';

const venv = {
  'bin/python': { to: '/usr/bin/python3' },
  'bin/python3': { to: 'python' },
  'bin/gone': { to: '/nowhere/at all' },
  lib64: { to: 'lib' },
  'lib/site/module.py': 'x = 1\n',
  up: { to: '../../outside' },
} as const;

test('links are kept as they are: absolute, relative, dangling, to directories, upwards', async () => {
  const store = testStore();
  const tree = await keepLayout(store, venv);
  for (const path of ['bin/python', 'bin/python3', 'bin/gone', 'lib64', 'up'] as const)
    expect(readlinkSync(join(store.pathOf(tree), path))).toBe(venv[path].to);
  expect(await store.entries(tree)).toEqual([
    { type: 'link', path: 'bin/gone', to: '/nowhere/at all' },
    { type: 'link', path: 'bin/python', to: '/usr/bin/python3' },
    { type: 'link', path: 'bin/python3', to: 'python' },
    { type: 'file', path: 'lib/site/module.py', mode: 0o644, size: 6, sha256: sha256Of('x = 1\n') },
    { type: 'link', path: 'lib64', to: 'lib' },
    { type: 'link', path: 'up', to: '../../outside' },
  ]);
  expect(await store.proves(tree, { rehash: true })).toBe(true);
});

test('empty directories are part of a tree', async () => {
  const store = testStore();
  const tree = await keepLayout(store, { 'a/b/c': {}, 'd/file': '' });
  expect(lstatSync(join(store.pathOf(tree), 'a/b/c')).isDirectory()).toBe(true);
  expect(await store.entries(tree)).toEqual([
    { type: 'directory', path: 'a/b/c' },
    { type: 'file', path: 'd/file', mode: 0o644, size: 0, sha256: sha256Of('') },
  ]);
  expect(await keepLayout(store, { 'd/file': '' })).not.toBe(tree);
});

test('a tree lists its paths in the order of code units, whatever its names are', async () => {
  const names = ['a', 'a!', 'a-b', 'a.b', 'a0', 'aa', 'é', '\u{1F600}', '\uFB01'];
  const store = testStore();
  for (const directory of names) {
    for (const inside of [{}, { x: 'x\n' }, { 'x!/y': 'y\n', 'x/z': 'z\n', 'x-': {} }]) {
      const files = Object.fromEntries(names.filter((name) => name !== directory).map((name) => [name, `${name}\n`]));
      const below = Object.entries(inside).map(([name, what]) => [`${directory}/${name}`, what] as const);
      const laid = below.length === 0 ? { [directory]: {} } : Object.fromEntries(below);
      const tree = await keepLayout(store, { ...files, ...laid });
      const entries = await store.entries(tree);
      expect(entries.map(({ path }) => path)).toEqual(Object.keys({ ...files, ...laid }).toSorted());
      expect(treeOf(entries)).toBe(tree);
    }
  }
});

test('an empty directory is a tree', async () => {
  const store = testStore();
  const tree = await keepLayout(store, {});
  expect([await store.proves(tree), await store.entries(tree)]).toEqual([true, []]);
});

test('modes become 0644 or 0755 by the x bit of the owner, and 0755 for directories', async () => {
  const store = testStore();
  await using scratch = await store.scratch();
  const modes = { secret: 0o600, shared: 0o664, odd: 0o677, program: 0o700, setuid: 0o4755, 'read-only': 0o444 };
  const from = lay(join(scratch.path, 'tree'), Object.fromEntries(Object.keys(modes).map((name) => [name, name])));
  for (const [name, mode] of Object.entries(modes)) chmodSync(join(from, name), mode);
  mkdirSync(join(from, 'private'), { mode: 0o700 });
  const object = store.pathOf(await store.keepTree(from));
  const modeOf = (name: string) => (lstatSync(join(object, name)).mode & 0o7777).toString(8);
  expect(Object.fromEntries(readdirSync(object).map((name) => [name, modeOf(name)]))).toEqual({
    secret: '644',
    shared: '644',
    odd: '644',
    program: '755',
    setuid: '755',
    'read-only': '644',
    private: '755',
  });
});

test('the digest of a tree depends on content, modes and links, and on nothing else', async () => {
  const layout = { b: 'two', 'a/x': 'one', link: { to: 'b' } } as const;
  const reversed = { link: { to: 'b' }, 'a/x': 'one', b: 'two' } as const;
  const tree = await keepLayout(testStore(), layout);
  expect(await keepLayout(testStore(), reversed)).toBe(tree);
  const others = [
    { ...layout, b: ['two'] as const },
    { ...layout, link: { to: 'a' } },
    { ...layout, b: 'tvo' },
  ];
  for (const other of others) expect(await keepLayout(testStore(), other)).not.toBe(tree);
});

test('names may hold newlines, quotes, backslashes, spaces and any character of Unicode', async () => {
  const store = testStore();
  const names = [
    'new\nline',
    'quo"te',
    'back\\slash',
    ' space ',
    'é',
    'e\u0301',
    '節點',
    '🧩',
    '-rf',
    '.hidden',
    '\u2028',
  ];
  const tree = await keepLayout(store, Object.fromEntries(names.map((name) => [`${name}/${name}`, name])));
  expect((await store.entries(tree)).map(({ path }) => path)).toEqual(
    names.map((name) => `${name}/${name}`).toSorted(),
  );
  expect([await store.proves(tree), await store.proves(tree, { rehash: true })]).toEqual([true, true]);
});

test('a name that is not UTF-8 is refused', async () => {
  const store = testStore();
  await using scratch = await store.scratch();
  const from = lay(join(scratch.path, 'tree'), { a: 'a' });
  writeFileSync(Buffer.concat([Buffer.from(`${from}/`), Buffer.from([0x66, 0xff])]), '');
  await expect(store.keepTree(from)).rejects.toMatchObject({ code: 'EILSEQ' });
});

test('a link to a name that is not UTF-8 is refused', async () => {
  const store = testStore();
  await using scratch = await store.scratch();
  const from = lay(join(scratch.path, 'tree'), { a: 'a' });
  execFileSync('bash', ['-c', String.raw`ln -s $'f\xff' "$0/link"`, from]);
  await expect(store.keepTree(from)).rejects.toMatchObject({ code: 'EILSEQ', path: join(from, 'link') });
});

test('a socket is refused', async () => {
  const store = testStore();
  await using scratch = await store.scratch();
  const from = lay(join(scratch.path, 'tree'), {});
  const server = createServer().listen(join(from, 'socket'));
  await once(server, 'listening');
  await expect(store.keepTree(from)).rejects.toMatchObject({ code: 'ENOTSUP', path: join(from, 'socket') });
  server.close();
});

test('a fifo is refused, and nobody waits for it', async () => {
  const store = testStore();
  await using scratch = await store.scratch();
  const from = lay(join(scratch.path, 'tree'), {});
  execFileSync('mkfifo', [join(from, 'fifo')]);
  await expect(store.keepTree(from)).rejects.toMatchObject({ code: 'ENOTSUP', path: join(from, 'fifo') });
  await expect(store.keepFile(join(from, 'fifo'))).rejects.toMatchObject({ code: 'ENOTSUP' });
});

test('a file that has other names comes in as a copy: nobody can change it from outside', async () => {
  const store = testStore();
  const outside = join(temporary(), 'outside');
  writeFileSync(outside, 'bytes');
  await using scratch = await store.scratch();
  const from = lay(join(scratch.path, 'tree'), {});
  for (const place of [join(from, 'one'), join(from, 'two'), join(scratch.path, 'blob')]) linkSync(outside, place);
  const [tree, blob] = [await store.keepTree(from), await store.keepFile(join(scratch.path, 'blob'))];
  writeFileSync(outside, 'other');
  expect([await store.proves(tree, { rehash: true }), await store.proves(blob, { rehash: true })]).toEqual([
    true,
    true,
  ]);
});

test('keepFile() answers the digest of the bytes, of an empty file and of one larger than the buffer', async () => {
  const store = testStore();
  for (const text of ['', 'x', 'y'.repeat(1024 * 1024), 'z'.repeat(3 * 1024 * 1024 + 1)]) {
    const blob = await keepText(store, text);
    expect(hexOf(blob)).toBe(sha256Of(text));
    expect(textOf(store.pathOf(blob)) === text).toBe(true);
  }
});

test('keepFile() believes a hash that was taken while the file was written, but not another size', async () => {
  const store = testStore();
  await using scratch = await store.scratch();
  const path = join(scratch.path, 'file');
  writeFileSync(path, 'text');
  const wrong = store.keepFile(path, { sha256: sha256Of('text'), size: 5 });
  await expect(wrong).rejects.toMatchObject({ code: 'EIO', path });
  expect(hexOf(await store.keepFile(path, { sha256: sha256Of('text'), size: 4 }))).toBe(sha256Of('text'));
});

test('keepTree() believes hashes that were taken while files were written, but not another size', async () => {
  const store = testStore();
  await using scratch = await store.scratch();
  const layout = { 'a/known': 'known', 'a/read': 'read', 'a/link': { to: 'known' } };
  const from = lay(join(scratch.path, 'tree'), layout);
  const wrong = store.keepTree(from, new Map([['a/known', { sha256: sha256Of('known'), size: 4 }]]));
  await expect(wrong).rejects.toMatchObject({ code: 'EIO', path: join(from, 'a/known') });
  const tree = await store.keepTree(from, new Map([['a/known', { sha256: sha256Of('known'), size: 5 }]]));
  expect(tree).toBe(await keepLayout(testStore(), layout));
  expect([await store.proves(tree), await store.proves(tree, { rehash: true })]).toEqual([true, true]);
  const claimed = new Map([['file', { sha256: sha256Of('told'), size: 4 }]]);
  const other = lay(join(scratch.path, 'other'), { file: 'text' });
  expect(await store.keepTree(other, claimed)).toBe(await keepLayout(testStore(), { file: 'told' }));
});

test('what is kept twice is kept once, and what was brought the second time is gone', async () => {
  const store = testStore();
  await using scratch = await store.scratch();
  for (const name of ['first', 'second']) {
    await store.keepTree(lay(join(scratch.path, name), { file: 'same' }));
    writeFileSync(join(scratch.path, `${name}.blob`), 'same');
    await store.keepFile(join(scratch.path, `${name}.blob`));
  }
  expect(listing(scratch.path)).toEqual([]);
  expect(readdirSync(join(store.root, 'trees'))).toHaveLength(1);
  expect(store.warnings).toEqual([]);
});

test('publishers of one process that bring the same at a time all succeed', async () => {
  const store = testStore();
  const trees = await Promise.all(Array.from({ length: 8 }, () => keepLayout(store, { file: 'same' })));
  expect(new Set(trees).size).toBe(1);
  expect(await store.proves(trees[0]!, { rehash: true })).toBe(true);
  expect([listing(join(store.root, 'tmp')), store.warnings]).toEqual([[], []]);
});
