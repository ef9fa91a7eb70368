import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, treeOf } from '#cache';
import { expect, test } from 'vitest';

import { keepText, lay, listing, startChild, temporary, testStore, textOf } from './rig.ts';

test('opening a store, and asking it, writes nothing', async () => {
  const store = testStore();
  expect(await store.proves(treeOf([]))).toBe(false);
  expect([existsSync(store.root), store.warnings]).toEqual([false, []]);
});

test.each(['2', '17', 'something else', '1 1'])('a store of format %j is refused, untouched', (format) => {
  const root = lay(temporary(), { format: `${format}\n` });
  expect(() => openStore({ root, warn: () => undefined })).toThrow(
    expect.objectContaining({
      code: 'ERR_STORE_FORMAT',
      path: root,
      message: expect.stringContaining(`format "${format}"`),
    }),
  );
  expect(listing(root)).toEqual(['format']);
});

test('a store whose format a power cut left empty is a new one', async () => {
  const store = testStore(lay(temporary(), { format: '' }));
  await keepText(store, 'text');
  expect(textOf(join(store.root, 'format'))).toBe('1\n');
});

test('a scratch is gone when it is disposed of', async () => {
  const store = testStore();
  {
    await using scratch = await store.scratch();
    lay(scratch.path, { 'a/b': 'left behind' });
  }
  expect(listing(join(store.root, 'tmp'))).toEqual([]);
});

test('a later process removes the scratch of one that died, and no other', async () => {
  const store = testStore();
  const child = startChild('scratcher.ts', { root: store.root });
  const left = (await child.next())!;
  await using alive = await store.scratch();
  expect([existsSync(left), existsSync(alive.path)]).toEqual([true, true]);
  lay(join(store.root, 'tmp'), { 'of-somebody-else': 'kept' });
  child.process.kill('SIGKILL');
  await child.ended;
  await using later = await testStore(store.root).scratch();
  expect([existsSync(left), existsSync(alive.path), existsSync(later.path)]).toEqual([false, true, true]);
  expect(textOf(join(store.root, 'tmp/of-somebody-else'))).toBe('kept');
});

test('a store that cannot be written to still proves what it holds, and never what is damaged', async () => {
  const { root, ...store } = testStore();
  const [good, bad] = [await keepText(store, 'good'), await keepText(store, 'bad')];
  for (const name of ['tmp', 'quarantine']) {
    rmSync(join(root, name), { recursive: true, force: true });
    lay(root, { [name]: 'in the way' });
  }
  for (const blob of [good, bad]) rmSync(`${store.pathOf(blob)}.seen`);
  writeFileSync(store.pathOf(bad), 'evil');
  expect([await store.proves(good), await store.proves(bad), await store.proves(bad)]).toEqual([true, false, false]);
  expect(store.warnings).toEqual([expect.stringContaining(`${bad} counts as missing`)]);
});
