import { existsSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { openMoves } from '../../tasks/tools/site/moves.ts';
import { answerOf, openRig, read, type Rig, write } from './rig.ts';

const names = { version: 'v', lockfile: '{}' };

/** Places a slot that moves in the tests below. */
const placeNode = async (rig: Rig): Promise<void> =>
  rig.place({ 'a.py': '1', 'd/b.py': '1' }, 'custom_nodes/Foo', 'node foo');
const disabled = 'custom_nodes/.disabled/foo@1_0';

test('a slot moves with its receipt, its edits and what the user keeps there; and back', async () => {
  using rig = openRig();
  await placeNode(rig);
  write(rig.target, { 'custom_nodes/Foo/d/mine': 'm', 'custom_nodes/Foo/a.py': 'edited' });
  const site = rig.open();
  site.stageAnswer('node foo', answerOf('k'));
  await site.stageMove({ slot: 'node foo', to: disabled });
  expect([site.pending(), site.slots()[0]?.base]).toEqual([true, 'custom_nodes/Foo']);
  await site.activate(names);
  const contents = { 'a.py': 'edited', 'd/b.py': '1', 'd/mine': 'm' };
  expect(read(join(rig.target, disabled))).toEqual(contents);
  expect(existsSync(join(rig.target, 'custom_nodes/Foo'))).toBe(false);
  expect(site.slots()).toEqual([{ slot: 'node foo', base: disabled, output: { version: 'k' } }]);

  await site.stageMove({ slot: 'node foo', to: 'custom_nodes/Foo' });
  const tree = rig.store.tree({ 'a.py': '2', 'd/b.py': '1' });
  await site.stage({ slot: 'node foo', base: 'custom_nodes/Foo', parts: [{ tree, at: '', how: 'copy' }] });
  await site.activate(names);
  expect(read(join(rig.target, 'custom_nodes/Foo'))).toEqual({ ...contents, 'a.py': '2', 'a.py.user-1': 'edited' });
  expect(site.holds('node foo')).toBe(true);
});

test('one slot moves out, another is placed where it was, in one run', async () => {
  using rig = openRig();
  await placeNode(rig);
  const site = rig.open();
  await site.stageMove({ slot: 'node foo', to: disabled });
  await site.stage({ slot: 'node foo (git)', base: 'custom_nodes/Foo', parts: [{ text: 'git', at: 'a.py' }] });
  await site.activate(names);
  expect(read(join(rig.target, 'custom_nodes'))).toEqual({
    '.disabled/foo@1_0/a.py': '1',
    '.disabled/foo@1_0/d/b.py': '1',
    'Foo/a.py': 'git',
  });
  expect(rig.notes).toEqual([]);
  expect(['node foo', 'node foo (git)'].map((slot) => rig.open().holds(slot))).toEqual([true, true]);

  // And both change places.
  await site.stageMove({ slot: 'node foo (git)', to: 'custom_nodes/.disabled/foo@nightly' });
  await site.stageMove({ slot: 'node foo', to: 'custom_nodes/Foo' });
  await site.activate(names);
  expect(Object.keys(read(join(rig.target, 'custom_nodes')))).toEqual([
    '.disabled/foo@nightly/a.py',
    'Foo/a.py',
    'Foo/d/b.py',
  ]);
});

test('where something is already, a moved slot gets a name of its own', async () => {
  using rig = openRig();
  await placeNode(rig);
  write(rig.target, { [`${disabled}/x`]: '1', [`${disabled}~2/x`]: '2' });
  const site = rig.open();
  await site.stageMove({ slot: 'node foo', to: disabled });
  await site.activate(names);
  expect(site.slots()[0]?.base).toBe(`${disabled}~3`);
  expect(rig.notes).toEqual([`warning: ${disabled} is taken: custom_nodes/Foo moves to ${disabled}~3`]);
  expect(site.holds('node foo')).toBe(true);
});

test('a directory that is a symbolic link of somebody is not moved', async () => {
  using rig = openRig();
  await placeNode(rig);
  renameSync(join(rig.target, 'custom_nodes/Foo'), join(rig.root, 'dev'));
  symlinkSync('../../dev', join(rig.target, 'custom_nodes/Foo'));
  const site = rig.open();
  await expect(site.stageMove({ slot: 'node foo', to: disabled })).rejects.toMatchObject({
    failure: { kind: 'refused' },
  });
  await expect(site.stageMove({ slot: 'nobody', to: disabled })).rejects.toMatchObject({ failure: { kind: 'absent' } });
});

test('moves are seen through before they are done, and what moves twice moves once', () => {
  using rig = openRig();
  write(rig.target, { 'a/x': '1', 'b/y': '1' });
  const moves = openMoves(rig.target);
  moves.add('a', 'c/a');
  moves.add('b', 'a');
  expect(['a/y', 'b', 'b/y', 'c/a/x', 'c', 'd'].map((path) => moves.locate(path))).toEqual([
    'b/y',
    undefined,
    undefined,
    'a/x',
    'c',
    'd',
  ]);
  expect(['a', 'b', 'c', 'c/a', 'd'].map((path) => moves.taken(path))).toEqual([true, false, true, true, false]);
  // Done again after a crash, a stop on the way could be taken for what was put there since.
  expect(moves.keepAside('a', 'b')).toBe('.pipeline/kept/b-1');
  expect(moves.list).toEqual([
    { from: 'a', to: 'c/a' },
    { from: 'b', to: '.pipeline/kept/b-1' },
  ]);
});
