import { lstatSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { openRig, read } from './rig.ts';

/** Writes other bytes of the same size into a file, so that nothing but its bytes tells. */
function rewrite(path: string, text: string): void {
  const { atimeMs, mtimeMs } = lstatSync(path);
  writeFileSync(path, text);
  utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
}

test('an edit in place that keeps size and time is found by reading, and then kept like any other', async () => {
  using rig = openRig();
  await rig.place({ 'a.py': '1', 'b.py': '1' });
  rewrite(join(rig.target, 'a.py'), '2');
  const site = rig.open();
  expect(site.holds('core')).toBe(true);
  expect(await site.verifies('core')).toBe(false);
  expect(site.holds('core')).toBe(false);
  const parts = [{ tree: rig.store.tree({ 'a.py': '1', 'b.py': '1' }), at: '', how: 'copy' }] as const;
  await site.stage({ slot: 'core', base: '', parts });
  await site.activate({ version: 'v', lockfile: '' });
  expect(read(rig.target)).toEqual({ 'a.py': '1', 'b.py': '1', 'a.py.user-1': '2' });
  expect(await site.verifies('core')).toBe(true);
  expect(site.holds('core')).toBe(true);
});

test('a file that shares its bytes with the store is replaced, not written to', async () => {
  using rig = openRig();
  const tree = rig.store.tree({ 'lib/a.py': '1' });
  const parts = [{ tree, at: '', how: 'link' }] as const;
  const first = rig.open({ linkMode: 'hardlink' });
  await first.stage({ slot: 'wheels', base: '', parts });
  await first.activate({ version: 'v', lockfile: '' });
  rewrite(join(rig.target, 'lib/a.py'), '2');
  const stored = join(rig.store.pathOf(tree), 'lib/a.py');
  expect(readFileSync(stored, 'utf8')).toBe('2');
  const site = rig.open({ linkMode: 'hardlink' });
  expect(await site.verifies('wheels')).toBe(false);
  // As the store does it: what is damaged is put away, what is right gets an inode of its own.
  rig.store.renew(tree, { 'lib/a.py': '1' });
  await site.stage({ slot: 'wheels', base: '', parts });
  await site.activate({ version: 'v', lockfile: '' });
  expect(read(rig.target)).toEqual({ 'lib/a.py': '1', 'lib/a.py.user-1': '2' });
  expect(readFileSync(stored, 'utf8')).toBe('1');
});

test('a slot without receipt has nothing to read', async () => {
  using rig = openRig();
  expect(await rig.open().verifies('activation')).toBe(true);
});
