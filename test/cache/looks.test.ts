import { chmodSync, lstatSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { keepLayout, lay, testStore } from './rig.ts';

test('looks() tells what lstat tells of every file, and of nothing else', async () => {
  const store = testStore();
  await using scratch = await store.scratch();
  const names = ['a', 'deep/b c', 'quote"d', 'back\\slash', 'new\nline', 'program'];
  const from = lay(join(scratch.path, 'tree'), {
    ...Object.fromEntries(names.map((name) => [name, name])),
    gone: { to: 'a' },
  });
  chmodSync(join(from, 'program'), 0o755);
  for (const [n, name] of names.entries()) utimesSync(join(from, name), 0, n * 1234567.890123);
  const tree = await store.keepTree(from);
  const looks = store.looks(tree);
  expect([...looks.keys()].toSorted()).toEqual(names.toSorted());
  for (const name of names) {
    const { size, mtimeMs, ino, mode } = lstatSync(join(store.pathOf(tree), name));
    expect(looks.get(name)).toEqual({ size, mtimeMs, ino, runs: (mode & 0o100) !== 0 });
  }
  rmSync(`${store.pathOf(tree)}.seen`);
  expect(store.looks(tree).size).toBe(0);
});

test('looks() of files from before 1970 are left out', async () => {
  const store = testStore();
  const tree = await keepLayout(store, { a: 'a', b: 'b' });
  utimesSync(join(store.pathOf(tree), 'a'), 0, new Date(-1500));
  expect(await store.proves(tree)).toBe(true);
  expect([...store.looks(tree).keys()]).toEqual(['b']);
});
