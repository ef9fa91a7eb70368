import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { type Contents, openRig, read, write } from './rig.ts';

test('a symbolic link of somebody else on the way is refused, and nothing is changed', async () => {
  using rig = openRig();
  await rig.place({ 'a.py': '1', 'models/vae/here': '' });
  mkdirSync(join(rig.root, 'big'));
  rmSync(join(rig.target, 'models'), { recursive: true });
  symlinkSync('../big', join(rig.target, 'models'));
  const refused = rig.place({ 'a.py': '2', 'models/vae/here': '' });
  await expect(refused).rejects.toMatchObject({ failure: { kind: 'refused', what: 'to write models/vae/here' } });
  expect(read(rig.target)).toEqual({ 'a.py': '1', models: { link: '../big' } });
  expect(readdirSync(join(rig.root, 'big'))).toEqual([]);
});

test('what lies behind a symbolic link of somebody else is used when it is right, and never removed', async () => {
  using rig = openRig();
  await rig.place({ 'models/a': '1', 'models/b': '2' });
  renameSync(join(rig.target, 'models'), join(rig.root, 'big'));
  symlinkSync('../big', join(rig.target, 'models'));
  await rig.place({ 'models/a': '1', c: '3' });
  expect(read(rig.target)).toEqual({ models: { link: '../big' }, c: '3' });
  expect(read(join(rig.root, 'big'))).toEqual({ a: '1', b: '2' });
});

test('records that are a symbolic link are refused', async () => {
  using rig = openRig();
  mkdirSync(join(rig.root, 'elsewhere'));
  mkdirSync(rig.target);
  symlinkSync('../elsewhere', join(rig.target, '.pipeline'));
  await expect(rig.place({ a: '1' })).rejects.toMatchObject({ failure: { kind: 'refused' } });
  expect(readdirSync(join(rig.root, 'elsewhere'))).toEqual([]);
});

test.each(['../a', '/a', 'a//b', 'a/../b', 'a/.', '.pipeline/x', '.Pipeline', 'a\0b'])(
  'nothing is placed at %j',
  async (at) => {
    using rig = openRig();
    const site = rig.open();
    const asPart = site.stage({ slot: 's', base: '', parts: [{ text: '', at }] });
    await expect(asPart).rejects.toMatchObject({ failure: { kind: 'refused' } });
    const asBase = site.stage({ slot: 's', base: at, parts: [{ text: '', at: 'x' }] });
    await expect(asBase).rejects.toMatchObject({ failure: { kind: 'refused' } });
    expect(existsSync(join(rig.target, '.pipeline'))).toBe(false);
  },
);

test('a tree that brings records of its own is refused at the top, and welcome below', async () => {
  using rig = openRig();
  await expect(rig.place({ '.pipeline/journal.json': '{}' })).rejects.toMatchObject({ failure: { kind: 'refused' } });
  await rig.place({ '.pipeline/x': '1' }, 'custom_nodes/n', 'n');
  expect(readFileSync(join(rig.target, 'custom_nodes/n/.pipeline/x'), 'utf8')).toBe('1');
  expect(rig.open().holds('n')).toBe(true);
});

test('a receipt that cannot be read is none: what is right is taken over, what is not is kept', async () => {
  using rig = openRig();
  await rig.place({ 'a.py': '1', 'b.py': '1', 'c.py': '1' });
  const listing = join(rig.target, '.pipeline/receipts/core.files');
  writeFileSync(listing, readFileSync(listing, 'utf8').split('\n').slice(1).join('\n'));
  await rig.place({ 'a.py': '1', 'b.py': '2' });
  expect(read(rig.target)).toEqual({ 'a.py': '1', 'b.py': '2', 'b.py.user-1': '1', 'c.py': '1' });
});

test('a receipt that leads outside is none', async () => {
  using rig = openRig();
  write(rig.root, { victim: 'v' });
  await rig.place({ 'a.py': '1' });
  const listing = join(rig.target, '.pipeline/receipts/core.files');
  writeFileSync(listing, readFileSync(listing, 'utf8').replace('a.py', '../victim'));
  expect(rig.open().holds('core')).toBe(false);
  await rig.place({ 'b.py': '1' });
  expect(existsSync(join(rig.root, 'victim'))).toBe(true);
});

test('a directory that becomes a link between staging and activation is not written through', async () => {
  using rig = openRig();
  await rig.place({ 'd/old': '1', 'd/same': '1' });
  const site = rig.open();
  const tree = rig.store.tree({ 'd/new': '2', 'd/same': '1', e: '2' });
  await site.stage({ slot: 'core', base: '', parts: [{ tree, at: '', how: 'copy' }] });
  renameSync(join(rig.target, 'd'), join(rig.root, 'moved'));
  symlinkSync('../moved', join(rig.target, 'd'));
  await site.activate({ version: 'v', lockfile: '' });
  expect(read(join(rig.root, 'moved'))).toEqual({ old: '1', same: '1' });
  expect(read(rig.target)).toEqual({ 'd/new': '2', 'd.user-1': { link: '../moved' }, e: '2' });
  expect(rig.open().holds('core')).toBe(false);
});

test('what is wanted behind a link that a slot yields to is left out, said once, and wanted again without the link', async () => {
  using rig = openRig();
  const parts = [
    {
      tree: rig.store.tree({ 'a.py': '1', 'models/vae/here': '', 'output/here': '', input: 'file' }),
      at: '',
      how: 'copy',
    },
  ] as const;
  const yieldsTo = ['models', 'output', 'input'];
  const realize = async (): Promise<void> => {
    const site = rig.open();
    await site.recover();
    await site.stage({ slot: 'core', base: '', parts, yieldsTo });
    if (site.pending()) await site.activate({ version: 'v', lockfile: '' });
  };
  mkdirSync(join(rig.root, 'big/vae'), { recursive: true });
  mkdirSync(join(rig.target, 'models'), { recursive: true });
  symlinkSync('../../big/vae', join(rig.target, 'models/vae'));
  symlinkSync('../nowhere', join(rig.target, 'output'));
  symlinkSync('../big', join(rig.target, 'input'));
  await realize();
  const links = { 'models/vae': { link: '../../big/vae' }, output: { link: '../nowhere' }, input: { link: '../big' } };
  expect(read(rig.target)).toEqual({ 'a.py': '1', ...links });
  expect(readdirSync(join(rig.root, 'big/vae'))).toEqual([]);
  expect(rig.open().holds('core')).toBe(true);
  expect(rig.notes.toSorted()).toEqual(
    ['input', 'models/vae', 'output'].map(
      (link) => `info: ${link} is a symbolic link of yours: nothing of core is put there`,
    ),
  );
  await realize();
  expect(rig.notes).toHaveLength(3);
  rmSync(join(rig.target, 'output'));
  expect(rig.open().holds('core')).toBe(false);
  await realize();
  const { output: _, ...others } = links;
  expect(read(rig.target)).toEqual({ 'a.py': '1', 'output/here': '', ...others });
  expect(rig.open().holds('core')).toBe(true);
});

test('a link that a slot placed itself is none to yield to', async () => {
  using rig = openRig();
  const stage = async (models: Contents): Promise<void> => {
    const site = rig.open();
    const parts = [{ tree: rig.store.tree({ a: '1', ...models }), at: '', how: 'copy' }] as const;
    await site.stage({ slot: 'core', base: '', parts, yieldsTo: ['models'] });
    await site.activate({ version: 'v', lockfile: '' });
  };
  await stage({ models: { link: 'a' } });
  await stage({ 'models/here': '' });
  expect(read(rig.target)).toEqual({ a: '1', 'models/here': '' });
});

test('a slot that does not yield says what to do about the link', async () => {
  using rig = openRig();
  mkdirSync(join(rig.root, 'big'));
  mkdirSync(rig.target);
  symlinkSync('../big', join(rig.target, 'models'));
  const staged = rig.open().stage({
    slot: 'models',
    base: '',
    parts: [{ text: '', at: 'models/x' }],
    linkHint: ({ path, to }) => `${path} leads to ${to}`,
  });
  await expect(staged).rejects.toMatchObject({ failure: { hint: `models leads to ${join(rig.root, 'big')}` } });
});
