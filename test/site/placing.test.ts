import { chmodSync, existsSync, lstatSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { openRig, read, write } from './rig.ts';

test('nothing to do touches nothing', async () => {
  using rig = openRig();
  await rig.place({ 'a.py': '1' });
  const before = readdirSync(join(rig.target, '.pipeline'));
  const site = rig.open();
  await site.recover();
  await site.stage({ slot: 'core', base: '', parts: [{ tree: rig.store.tree({ 'a.py': '1' }), at: '', how: 'copy' }] });
  expect(site.pending()).toBe(false);
  expect(readdirSync(join(rig.target, '.pipeline'))).toEqual(before);
});

test('staging alone changes nothing that is visible', async () => {
  using rig = openRig();
  await rig.place({ 'a.py': '1', 'd/b.py': '2' });
  const site = rig.open();
  await site.stage({ slot: 'core', base: '', parts: [{ tree: rig.store.tree({ 'a.py': '3' }), at: '', how: 'copy' }] });
  expect(site.pending()).toBe(true);
  expect(read(rig.target)).toEqual({ 'a.py': '1', 'd/b.py': '2' });
  await rig.open().recover();
  expect(existsSync(join(rig.target, '.pipeline/staging'))).toBe(false);
  expect(rig.open().holds('core')).toBe(true);
});

test('a touched file is read again, and only the receipt is renewed', async () => {
  using rig = openRig();
  await rig.place({ 'a.py': '1', 'b.py': '2' });
  utimesSync(join(rig.target, 'a.py'), 1, 1);
  const { ino } = statSync(join(rig.target, 'a.py'));
  expect(rig.open().holds('core')).toBe(false);
  await rig.place({ 'a.py': '1', 'b.py': '2' });
  expect(statSync(join(rig.target, 'a.py'))).toMatchObject({ ino, mtimeMs: 1000 });
  expect(rig.open().holds('core')).toBe(true);
});

test('a file edited between staging and activation is kept beside', async () => {
  using rig = openRig();
  await rig.place({ 'a.py': '1', 'b.py': '1' });
  const site = rig.open();
  await site.stage({ slot: 'core', base: '', parts: [{ tree: rig.store.tree({ 'a.py': '2' }), at: '', how: 'copy' }] });
  write(rig.target, { 'a.py': 'late', 'b.py': 'late' });
  await site.activate({ version: 'v', lockfile: '' });
  expect(read(rig.target)).toEqual({ 'a.py': '2', 'a.py.user-1': 'late', 'b.py.user-1': 'late' });
});

test('a file that appears between staging and activation is kept beside', async () => {
  using rig = openRig();
  const site = rig.open();
  await site.stage({ slot: 'n', base: 'n', parts: [{ tree: rig.store.tree({ 'd/a.py': '1' }), at: '', how: 'copy' }] });
  write(rig.target, { 'n/d/a.py': 'mine', 'n/d/b.py': 'mine' });
  await site.activate({ version: 'v', lockfile: '' });
  expect(read(rig.target)).toEqual({ 'n/d/a.py': '1', 'n/d/a.py.user-1': 'mine', 'n/d/b.py': 'mine' });
});

test('what was staged for a slot earlier in the run is forgotten', async () => {
  using rig = openRig();
  const site = rig.open();
  for (const text of ['1', '2']) await site.stage({ slot: 'core', base: '', parts: [{ text, at: 'a' }] });
  await site.activate({ version: 'v', lockfile: '' });
  expect(read(rig.target)).toEqual({ a: '2' });
});

test('a slot that lives elsewhere now leaves its old place', async () => {
  using rig = openRig();
  await rig.place({ 'a.py': '1', 'b.py': '2' }, 'old/n', 'n');
  write(rig.target, { 'old/n/mine': 'm', 'old/n/b.py': 'edited' });
  await rig.place({ 'a.py': '1' }, 'new/n', 'n');
  expect(read(rig.target)).toEqual({ 'new/n/a.py': '1', 'old/n/mine': 'm', 'old/n/b.py.user-1': 'edited' });
});

test('mode bits of the store do not matter, those of the listing do', async () => {
  using rig = openRig();
  const tree = rig.store.tree({ 'a.py': '1' });
  chmodSync(join(rig.store.pathOf(tree), 'a.py'), 0o400);
  await rig.place({ 'a.py': '1' });
  expect(lstatSync(join(rig.target, 'a.py')).mode & 0o777).toBe(0o644);
});
