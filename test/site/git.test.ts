import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { type Contents, openRig, read, type Rig, write } from './rig.ts';

const commits = { one: '1'.repeat(40), two: '2'.repeat(40), three: '3'.repeat(40) };

/** A small checkout: the files, and a `.git` at a branch. */
const checkout = (commit: string, files: Contents): Contents => ({
  ...files,
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.git/refs/heads/main': `${commit}\n`,
  '.git/config': '[core]\n',
  '.git/objects/pack/p.pack': `pack of ${commit}`,
});

const one = checkout(commits.one, { 'a.py': '1', 'b.py': '1' });
const two = checkout(commits.two, { 'a.py': '2' });
const base = 'custom_nodes/foo';
const at = (rig: Rig, path: string): string => join(rig.target, base, path);

test('what git rewrites by itself is no drift', async () => {
  using rig = openRig();
  await rig.place(one, base, 'n');
  rmSync(at(rig, '.git/refs/heads/main'));
  write(rig.target, {
    [`${base}/.git/packed-refs`]: `# pack-refs with: peeled fully-peeled sorted \n${commits.one} refs/heads/main\n`,
    [`${base}/.git/index`]: 'i',
    [`${base}/.git/logs/HEAD`]: 'l',
    [`${base}/.git/config`]: 'changed',
  });
  expect(rig.open().holds('n')).toBe(true);
});

test('the next version replaces the whole .git', async () => {
  using rig = openRig();
  await rig.place(one, base, 'n');
  write(rig.target, { [`${base}/.git/index`]: 'i', [`${base}/.git/refs/remotes/origin/main`]: commits.three });
  await rig.place(two, base, 'n');
  expect(read(join(rig.target, base))).toEqual(two);
  expect(rig.notes).toEqual([]);
  expect(existsSync(join(rig.target, '.pipeline/kept'))).toBe(false);
});

test('a .git that was deleted comes back, and one that is not wanted any more goes', async () => {
  using rig = openRig();
  await rig.place(one, base, 'n');
  rmSync(at(rig, '.git'), { recursive: true });
  expect(rig.open().holds('n')).toBe(false);
  await rig.place(one, base, 'n');
  expect(read(join(rig.target, base))).toEqual(one);
  await rig.place({ 'a.py': '1' }, base, 'n');
  expect(read(join(rig.target, base))).toEqual({ 'a.py': '1' });
});

test('somebody committed there: the whole directory is kept, and the slot is placed fresh', async () => {
  using rig = openRig();
  await rig.place(one, base, 'n');
  write(rig.target, {
    [`${base}/.git/refs/heads/main`]: commits.three,
    [`${base}/a.py`]: 'mine',
    [`${base}/new`]: 'm',
  });
  expect(rig.open().holds('n')).toBe(false);
  await rig.place(two, base, 'n');
  expect(read(join(rig.target, base))).toEqual(two);
  expect(read(join(rig.target, '.pipeline/kept/foo-1'))).toEqual({
    ...one,
    '.git/refs/heads/main': commits.three,
    'a.py': 'mine',
    new: 'm',
  });
  expect(rig.notes).toEqual([
    `warning: ${base} is at another commit than the one placed there: all of it is kept as .pipeline/kept/foo-1`,
  ]);
  expect(rig.open().holds('n')).toBe(true);
});

test('a checkout of the user in the way is kept whole; at the wanted commit it is taken over', async () => {
  using rig = openRig();
  write(join(rig.target, base), one);
  await rig.place(two, base, 'n');
  expect(read(join(rig.target, base))).toEqual(two);
  expect(read(join(rig.target, '.pipeline/kept/foo-1'))).toEqual(one);

  using other = openRig();
  write(join(other.target, base), { ...one, '.git/refs/heads/mine': commits.three, 'notes.txt': 'm' });
  await other.place(one, base, 'n');
  expect(read(join(other.target, base))).toEqual({ ...one, '.git/refs/heads/mine': commits.three, 'notes.txt': 'm' });
  expect(other.notes).toEqual([]);
});

test.each([
  ['a branch', { '.git/refs/heads/mine': commits.three }],
  ['a stash', { '.git/refs/stash': commits.three }],
  ['another worktree', { '.git/worktrees/w/HEAD': commits.three }],
  ['a packed branch', { '.git/packed-refs': `${commits.three} refs/heads/mine\n` }],
])('a .git that holds %s is kept when it is replaced', async (_, work) => {
  using rig = openRig();
  await rig.place(one, base, 'n');
  write(join(rig.target, base), work);
  expect(rig.open().holds('n')).toBe(true);
  await rig.place(two, base, 'n');
  expect(read(join(rig.target, base))).toEqual(two);
  expect(read(join(rig.target, '.pipeline/kept/foo.git-1'))).toEqual(
    Object.fromEntries(
      Object.entries({ ...one, ...work }).flatMap(([path, text]) =>
        path.startsWith('.git/') ? [[path.slice(5), text]] : [],
      ),
    ),
  );
  expect(rig.notes).toEqual([
    `warning: ${base}/.git held branches, tags or a stash of yours: it is kept as .pipeline/kept/foo.git-1`,
  ]);
});

test('the same commit with another remote is another .git', async () => {
  using rig = openRig();
  await rig.place(one, base, 'n');
  const moved = { ...one, '.git/config': '[core]\n[remote]\n' };
  await rig.place(moved, base, 'n');
  expect(read(join(rig.target, base))).toEqual(moved);
});

test('the target itself was pulled: its .git and what differs are kept together, what lives there stays', async () => {
  using rig = openRig();
  await rig.place(one);
  await rig.place({ 'n.py': '1' }, base, 'n');
  write(rig.target, {
    '.git/refs/heads/main': commits.three,
    'a.py': 'pulled',
    'new.py': 'pulled',
    'input/x.png': 'p',
  });
  await rig.place(two);
  expect(read(rig.target)).toEqual({ ...two, [`${base}/n.py`]: '1', 'new.py': 'pulled', 'input/x.png': 'p' });
  expect(read(join(rig.target, '.pipeline/kept/core-1'))).toEqual({
    'a.py': 'pulled',
    '.git/HEAD': 'ref: refs/heads/main\n',
    '.git/refs/heads/main': commits.three,
    '.git/config': '[core]\n',
    '.git/objects/pack/p.pack': `pack of ${commits.one}`,
  });
  expect(rig.notes).toEqual([
    'warning: The target is at another commit than the one placed there: its .git, and files that differ, are kept in .pipeline/kept/core-1',
  ]);
  expect(rig.open().holds('n')).toBe(true);
});

test('dropping a slot in which somebody committed leaves it as it is', async () => {
  using rig = openRig();
  await rig.place(one, base, 'n');
  writeFileSync(at(rig, '.git/HEAD'), commits.three);
  const site = rig.open();
  await site.drop('n');
  await site.activate({ version: 'v', lockfile: '' });
  expect(read(join(rig.target, base))).toEqual({ ...one, '.git/HEAD': commits.three });
  expect(site.slots()).toEqual([]);
});

test('files below .git are copies, whatever the rest is', async () => {
  using rig = openRig();
  const tree = rig.store.tree(one);
  const site = rig.open({ linkMode: 'hardlink' });
  await site.stage({ slot: 'n', base, parts: [{ tree, at: '', how: 'link' }] });
  await site.activate({ version: 'v', lockfile: '' });
  writeFileSync(at(rig, '.git/config'), 'changed');
  expect(readFileSync(join(rig.store.pathOf(tree), '.git/config'), 'utf8')).toBe('[core]\n');
});

test('a .git that is a file is a file', async () => {
  using rig = openRig();
  await rig.place({ '.git': 'gitdir: ../x\n', a: '1' }, base, 'n');
  mkdirSync(join(rig.root, 'x'), { recursive: true });
  await rig.place({ '.git': 'gitdir: ../y\n', a: '1' }, base, 'n');
  expect(read(join(rig.target, base))).toEqual({ '.git': 'gitdir: ../y\n', a: '1' });
});

test('a pack in which another slot has something is not moved away from under it', async () => {
  using rig = openRig();
  await rig.place(one, base, 'n');
  await rig.place({ 'custom_nodes/foo/models/m': 'weights' }, '', 'models');
  write(rig.target, { [`${base}/.git/refs/heads/main`]: commits.three, [`${base}/a.py`]: 'pulled' });
  await rig.place(two, base, 'n');
  expect(read(join(rig.target, base))).toEqual({ ...two, 'models/m': 'weights' });
  expect(rig.open().holds('models')).toBe(true);
  expect(read(join(rig.target, '.pipeline/kept/foo-1', base))).toMatchObject({
    '.git/refs/heads/main': commits.three,
    'a.py': 'pulled',
  });
});
