import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { answerOf, openRig, read, write } from './rig.ts';

const names = { version: 'v', lockfile: '{}' };

test('slots side by side, below each other, staged at once', async () => {
  using rig = openRig();
  const site = rig.open();
  const [venv, wheel, node] = [
    rig.store.tree({ 'pyvenv.cfg': 'c', 'bin/python': { link: '/usr/bin/python3' }, lib64: { link: 'lib' } }),
    rig.store.tree({ 'lib/python3/site-packages/w/__init__.py': '', 'bin/w': { program: '#!' } }),
    rig.store.tree({ 'n.py': '1' }),
  ];
  await Promise.all([
    site.stage({
      slot: 'core',
      base: '',
      parts: [{ tree: rig.store.tree({ 'custom_nodes/x.py': '1' }), at: '', how: 'copy' }],
    }),
    site.stage({ slot: 'venv', base: '.venv', parts: [{ tree: venv, at: '', how: 'copy' }] }),
    site.stage({ slot: 'wheels', base: '.venv', parts: [{ tree: wheel, at: '', how: 'link' }] }),
    site.stage({ slot: 'node n', base: 'custom_nodes/n', parts: [{ tree: node, at: '', how: 'copy' }] }),
    site.stage({ slot: 'models', base: '', parts: [{ blob: rig.store.blob('m'), at: 'models/vae/m.safetensors' }] }),
  ]);
  await site.activate(names);
  expect(Object.keys(read(rig.target))).toEqual([
    '.venv/bin/python',
    '.venv/bin/w',
    '.venv/lib/python3/site-packages/w/__init__.py',
    '.venv/lib64',
    '.venv/pyvenv.cfg',
    'custom_nodes/n/n.py',
    'custom_nodes/x.py',
    'models/vae/m.safetensors',
  ]);
  expect(site.slots().map(({ slot, base }) => `${slot} in ${base}`)).toEqual([
    'core in ',
    'models in ',
    'node n in custom_nodes/n',
    'venv in .venv',
    'wheels in .venv',
  ]);
  for (const { slot } of rig.open().slots()) expect([slot, rig.open().holds(slot)]).toEqual([slot, true]);
});

test('a directory that is not there is put with one rename', async () => {
  using rig = openRig();
  await rig.place({ 'custom_nodes/x.py': '1' });
  const renames: string[] = [];
  const site = rig.open({
    rename: (from, to) => {
      renames.push(to.slice(rig.target.length + 1));
      renameSync(from, to);
    },
  });
  const tree = rig.store.tree(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`d${n % 5}/f${n}.py`, `${n}`])));
  await site.stage({ slot: 'n', base: 'custom_nodes/n', parts: [{ tree, at: '', how: 'copy' }] });
  await site.activate(names);
  expect(renames.filter((path) => !path.startsWith('.pipeline/'))).toEqual(['custom_nodes/n']);
});

test('two parts that want the same are one; where they differ the later wins, and it is said once', async () => {
  using rig = openRig();
  const trees = [
    { LICENSE: 'same', 'x/a': '1', 'x/b': '1', y: 'file', 'z/deep/er': '1', 'z/deep/est': '1', e: { empty: true } },
    { LICENSE: 'same', 'x/a': '2', 'x/b': '2', 'y/z': 'directory', z: 'file', 'e/f': '1' },
    { 'z/again': '3' },
  ] as const;
  const site = rig.open();
  const parts = trees.map((tree) => ({ tree: rig.store.tree(tree), at: '', how: 'link' as const }));
  await site.stage({ slot: 's', base: 'b', parts });
  await site.activate(names);
  expect(read(join(rig.target, 'b'))).toEqual({
    LICENSE: 'same',
    'x/a': '2',
    'x/b': '2',
    'y/z': 'directory',
    'z/again': '3',
    'e/f': '1',
  });
  expect(rig.notes.filter((note) => note.includes('differ'))).toEqual([
    'info: Two parts of s differ in b/x/a and 4 more: the later part wins',
    'info: Two parts of s differ in b/z: the later part wins',
  ]);
});

test('two slots that want one path to be different things are refused, and nothing is changed', async () => {
  using rig = openRig();
  await rig.place({ 'a.py': '1', 'd/x': '1' });
  const clashes = [
    { text: '2', at: 'a.py' },
    { text: '2', at: 'a.py/below' },
    { text: '2', at: 'd' },
  ];
  for (const part of clashes) {
    const site = rig.open();
    await site.stage({ slot: 'other', base: '', parts: [part] });
    await expect(site.activate(names)).rejects.toMatchObject({ failure: { kind: 'refused' } });
    expect(read(rig.target)).toEqual({ 'a.py': '1', 'd/x': '1' });
  }
});

test('two slots may want the same, and one may go', async () => {
  using rig = openRig();
  const site = rig.open();
  for (const slot of ['one', 'two']) await site.stage({ slot, base: '', parts: [{ text: 'same', at: 'd/a' }] });
  await site.activate(names);
  expect(rig.notes).toEqual([]);
  expect(['one', 'two'].map((slot) => rig.open().holds(slot))).toEqual([true, true]);
  await site.drop('one');
  await site.activate(names);
  expect(read(rig.target)).toEqual({ 'd/a': 'same' });
  expect(site.holds('two')).toBe(true);
});

test.each(['drop first', 'stage first'])('a directory goes from one slot to another: %s', async (order) => {
  using rig = openRig();
  await rig.place({ 'a.py': '1', 'b.py': '1', 'c.py': '1', d: '1' }, 'n', 'old');
  writeFileSync(join(rig.target, 'n/b.py'), 'mine');
  const site = rig.open();
  const tree = rig.store.tree({ 'a.py': '2', 'b.py': '2', 'd/e': '2' });
  const stage = async () => site.stage({ slot: 'new', base: 'n', parts: [{ tree, at: '', how: 'copy' }] });
  if (order === 'stage first') await stage();
  await site.drop('old');
  if (order === 'drop first') await stage();
  await site.activate(names);
  expect(read(join(rig.target, 'n'))).toEqual({ 'a.py': '2', 'b.py': '2', 'b.py.user-1': 'mine', 'd/e': '2' });
  expect(rig.notes).toEqual(['warning: n/b.py was edited: your copy is b.py.user-1']);
  expect(site.slots().map(({ slot }) => slot)).toEqual(['new']);
});

test('dropping a slot removes what is ours and unedited', async () => {
  using rig = openRig();
  await rig.place({ 'a.py': '1', 'd/b.py': '1', 'e/c.py': '1' }, 'custom_nodes/n', 'n');
  write(rig.target, { 'custom_nodes/n/a.py': 'edited', 'custom_nodes/n/d/mine': 'm' });
  const site = rig.open();
  site.stageAnswer('n', answerOf('k'));
  await site.drop('n');
  await site.activate(names);
  expect(read(rig.target)).toEqual({ 'custom_nodes/n/a.py': 'edited', 'custom_nodes/n/d/mine': 'm' });
  expect([site.slots(), site.answer('n')]).toEqual([[], undefined]);
  expect(rig.notes.toSorted()).toEqual([
    'info: custom_nodes/n stays: it holds files that are not of n, or that were edited',
    'warning: custom_nodes/n/a.py was edited: it stays',
  ]);
});

test('dropping a slot that nobody touched leaves nothing', async () => {
  using rig = openRig();
  await rig.place({ 'a.py': '1' });
  await rig.place({ 'd/b.py': '1' }, 'custom_nodes/n', 'n');
  const site = rig.open();
  await site.drop('n');
  await site.drop('nobody');
  await site.activate(names);
  expect(existsSync(join(rig.target, 'custom_nodes/n'))).toBe(false);
  expect(rig.notes).toEqual([]);
});
