import { linkSync, lstatSync, mkdirSync, readFileSync, readlinkSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { openRig, read } from './rig.ts';

const names = { version: 'v', lockfile: '{}' };

test('links to blobs are relative: they lead there wherever the volume is mounted', async () => {
  using rig = openRig();
  // As /tmp is on some machines: the way to the target leads through a link.
  mkdirSync(join(rig.root, 'volume/deep'), { recursive: true });
  symlinkSync('volume/deep', join(rig.root, 'way'));
  const target = join(rig.root, 'way/target');
  const site = rig.open({ target });
  const blob = rig.store.blob('weights');
  await site.stage({
    slot: 'models',
    base: 'models',
    parts: [
      { blob, at: 'vae/x/m.safetensors' },
      { blob, at: 'm' },
    ],
  });
  await site.activate(names);
  const link = join(rig.root, 'volume/deep/target/models/vae/x/m.safetensors');
  expect(readlinkSync(link)).toMatch(/^(?:\.\.\/){6}store\/[0-9a-f]{64}$/);
  expect(readFileSync(link, 'utf8')).toBe('weights');
  expect(site.holds('models')).toBe(true);
});

test('the target and the store move together, and everything holds', async () => {
  using rig = openRig();
  const site = rig.open();
  mkdirSync(join(rig.root, 'volume'));
  await site.stage({ slot: 'models', base: '', parts: [{ blob: rig.store.blob('m'), at: 'models/m' }] });
  await site.stage({ slot: 'core', base: '', parts: [{ tree: rig.store.tree({ 'a.py': '1' }), at: '', how: 'copy' }] });
  await site.activate(names);
  for (const name of ['target', 'store']) renameSync(join(rig.root, name), join(rig.root, 'volume', name));
  const moved = rig.open({ target: join(rig.root, 'volume/target') });
  expect(['models', 'core'].map((slot) => moved.holds(slot))).toEqual([true, true]);
});

test('a link that leads nowhere any more does not hold, and is turned', async () => {
  using rig = openRig();
  const stage = async (target: string) => {
    const site = rig.open({ target });
    const [first] = [{ blob: rig.store.blob('m'), at: 'models/m' }];
    await site.stage({ slot: 'models', base: '', parts: [first] });
    return site;
  };
  await (await stage(rig.target)).activate(names);
  const target = join(rig.root, 'else/where/target');
  mkdirSync(join(rig.root, 'else/where'), { recursive: true });
  renameSync(rig.target, target);
  expect(rig.open({ target }).holds('models')).toBe(false);
  await (await stage(target)).activate(names);
  expect(readFileSync(join(target, 'models/m'), 'utf8')).toBe('m');
  expect(rig.notes).toEqual([]);
});

test('hard links share the store, but not empty files, and not what people edit', async () => {
  using rig = openRig();
  const tree = rig.store.tree({ 'a.py': '1', run: { program: '2' }, '__init__.py': '' });
  const inStore = (path: string): number => statSync(join(rig.store.pathOf(tree), path)).ino;
  const site = rig.open({ linkMode: 'hardlink' });
  await site.stage({ slot: 'wheels', base: 'w', parts: [{ tree, at: '', how: 'link' }] });
  await site.stage({ slot: 'core', base: 'c', parts: [{ tree, at: '', how: 'copy' }] });
  await site.activate(names);
  const shared = (directory: string): readonly boolean[] =>
    ['a.py', 'run', '__init__.py'].map((path) => lstatSync(join(rig.target, directory, path)).ino === inStore(path));
  expect([shared('w'), shared('c')]).toEqual([
    [true, true, false],
    [false, false, false],
  ]);
  expect(statSync(join(rig.target, 'w/run')).mode & 0o777).toBe(0o755);
  expect(rig.notes).toEqual([
    'info: Python packages and other files that nobody edits are placed as hard links into the store',
  ]);
  expect(site.holds('wheels')).toBe(true);
});

test('a hard link that is already there is adopted', async () => {
  using rig = openRig();
  const tree = rig.store.tree({ 'a.py': '1' });
  mkdirSync(rig.target);
  linkSync(join(rig.store.pathOf(tree), 'a.py'), join(rig.target, 'a.py'));
  const site = rig.open({ linkMode: 'hardlink' });
  await site.stage({ slot: 'w', base: '', parts: [{ tree, at: '', how: 'link' }] });
  await site.activate(names);
  expect([rig.notes, site.holds('w')]).toEqual([[], true]);
});

test('copies on request', async () => {
  using rig = openRig();
  const tree = rig.store.tree({ 'a.py': '1' });
  const site = rig.open({ linkMode: 'copy' });
  await site.stage({ slot: 'w', base: '', parts: [{ tree, at: '', how: 'link' }] });
  await site.activate(names);
  expect(statSync(join(rig.target, 'a.py')).ino).not.toBe(statSync(join(rig.store.pathOf(tree), 'a.py')).ino);
});

test('a volume that ends below the target is crossed by copying', async () => {
  using rig = openRig();
  await rig.place({ 'models/here': '1', 'models/old': '1' });
  const inModels = (path: string): boolean => path.startsWith(join(rig.target, 'models/'));
  const rename = (from: string, to: string): void => {
    if (inModels(from) !== inModels(to)) throw Object.assign(new Error('EXDEV'), { code: 'EXDEV' });
    renameSync(from, to);
  };
  const site = rig.open({ rename });
  const tree = rig.store.tree({ 'models/here': '2', 'models/d/new': '2', 'models/l': { link: 'here' } });
  await site.stage({ slot: 'core', base: '', parts: [{ tree, at: '', how: 'copy' }] });
  await site.activate(names);
  expect(read(rig.target)).toEqual({ 'models/here': '2', 'models/d/new': '2', 'models/l': { link: 'here' } });
  expect(site.holds('core')).toBe(true);
});
