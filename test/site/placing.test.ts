import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { type Contents, openRig, read, type Rig, write } from './rig.ts';

const edit = (rig: Rig, path: string, text: string): void => writeFileSync(join(rig.target, path), text);

/** Before: what was placed. Then a person does something. After: what is placed next, and what must be there in the end. */
interface Row {
  readonly name: string;
  readonly before?: Contents;
  readonly person?: (rig: Rig) => void;
  readonly after: Contents;
  readonly there: Contents;
  readonly notes?: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'a fresh target',
    after: {
      'main.py': 'a',
      'web/x.js': 'b',
      'bin/run': { program: '#!' },
      lib64: { link: 'lib' },
      input: { empty: true },
    },
    there: {
      'main.py': 'a',
      'web/x.js': 'b',
      'bin/run': { program: '#!' },
      lib64: { link: 'lib' },
      input: { empty: true },
    },
  },
  {
    name: 'a file that a person deleted comes back',
    before: { 'a.py': '1', 'd/b.py': '2' },
    person: (rig) => rmSync(join(rig.target, 'd'), { recursive: true }),
    after: { 'a.py': '1', 'd/b.py': '2' },
    there: { 'a.py': '1', 'd/b.py': '2' },
  },
  {
    name: 'an edited file is kept beside',
    before: { 'n/a.py': '1' },
    person: (rig) => edit(rig, 'n/a.py', 'mine'),
    after: { 'n/a.py': '1' },
    there: { 'n/a.py': '1', 'n/a.py.user-1': 'mine' },
    notes: ['warning: n/a.py was edited: your copy is a.py.user-1'],
  },
  {
    name: 'an edit of the same size is kept beside, under the first free name',
    before: { 'a.py': '1', 'a.py.user-1': 'placed' },
    person: (rig) => edit(rig, 'a.py', '2'),
    after: { 'a.py': '3', 'a.py.user-1': 'placed' },
    there: { 'a.py': '3', 'a.py.user-1': 'placed', 'a.py.user-2': '2' },
    notes: ['warning: a.py was edited: your copy is a.py.user-2'],
  },
  {
    name: 'an edit that anticipates the next version is no edit',
    before: { 'a.py': '1' },
    person: (rig) => edit(rig, 'a.py', '2'),
    after: { 'a.py': '2' },
    there: { 'a.py': '2' },
  },
  {
    name: 'files of the user stay',
    before: { 'd/a.py': '1', 'e/b.py': '2' },
    person: (rig) => write(rig.target, { 'd/mine.txt': 'm', 'e/deep/mine.txt': 'm', 'input/x.png': 'p' }),
    after: { 'd/a.py': '3' },
    there: { 'd/a.py': '3', 'd/mine.txt': 'm', 'e/deep/mine.txt': 'm', 'input/x.png': 'p' },
  },
  {
    name: 'what is no longer wanted goes, with the directories that are left empty',
    before: { 'a.py': '1', 'd/e/b.py': '2', 'd/f/c.py': '3', x: { link: 'a.py' }, out: { empty: true } },
    after: { 'a.py': '1' },
    there: { 'a.py': '1' },
  },
  {
    name: 'what is no longer wanted and was edited is kept beside',
    before: { 'a.py': '1', 'd/b.py': '2' },
    person: (rig) => edit(rig, 'd/b.py', 'mine'),
    after: { 'a.py': '1' },
    there: { 'a.py': '1', 'd/b.py.user-1': 'mine' },
    notes: ['warning: d/b.py was edited: your copy is b.py.user-1'],
  },
  {
    name: 'bytecode does not hold a directory, unless it is listed',
    before: { 'd/a.py': '1', 'e/b.py': '2' },
    person: (rig) => write(rig.target, { 'd/__pycache__/a.pyc': 'c', 'e/__pycache__/b.pyc': 'c' }),
    after: { 'e/c.py': '3' },
    there: { 'e/c.py': '3', 'e/__pycache__/b.pyc': 'c' },
  },
  {
    name: 'a note in a bytecode directory is no bytecode',
    before: { 'd/a.py': '1', 'b.py': '' },
    person: (rig) => write(rig.target, { 'd/__pycache__/a.pyc': 'c', 'd/__pycache__/notes.txt': 'm' }),
    after: { 'b.py': '' },
    there: { 'b.py': '', 'd/__pycache__/a.pyc': 'c', 'd/__pycache__/notes.txt': 'm' },
  },
  {
    name: 'a file becomes a directory',
    before: { a: 'file' },
    after: { 'a/b/c': 'deep' },
    there: { 'a/b/c': 'deep' },
  },
  {
    name: 'an edited file becomes a directory',
    before: { a: 'file' },
    person: (rig) => edit(rig, 'a', 'mine'),
    after: { 'a/b': 'deep' },
    there: { 'a/b': 'deep', 'a.user-1': 'mine' },
    notes: ['warning: a was edited: your copy is a.user-1'],
  },
  {
    name: 'a directory becomes a file',
    before: { 'a/b/c': 'deep', 'a/d': { empty: true } },
    after: { a: 'file' },
    there: { a: 'file' },
  },
  {
    name: 'a directory with a file of the user becomes a file',
    before: { 'a/b/c': 'deep' },
    person: (rig) => write(rig.target, { 'a/mine': 'm' }),
    after: { a: 'file' },
    there: { a: 'file', 'a.user-1/mine': 'm' },
    notes: ['warning: a stood in the way: it is now a.user-1'],
  },
  {
    name: 'a link becomes a file, a file a link',
    before: { a: { link: 'x' }, b: 'file' },
    after: { a: 'file', b: { link: 'a' } },
    there: { a: 'file', b: { link: 'a' } },
  },
  {
    name: 'a link becomes a directory, a directory a link',
    before: { a: { link: 'b' }, 'b/c': '1' },
    after: { 'a/c': '2', b: { link: 'a' } },
    there: { 'a/c': '2', b: { link: 'a' } },
  },
  {
    name: 'an empty directory becomes a file, a file an empty directory',
    before: { a: { empty: true }, b: '1' },
    after: { a: '2', b: { empty: true } },
    there: { a: '2', b: { empty: true } },
  },
  {
    name: 'a link that a person turned elsewhere is kept beside',
    before: { a: { link: 'x' } },
    person: (rig) => {
      rmSync(join(rig.target, 'a'));
      symlinkSync('mine', join(rig.target, 'a'));
    },
    after: { a: { link: 'y' } },
    there: { a: { link: 'y' }, 'a.user-1': { link: 'mine' } },
    notes: ['warning: a was edited: your copy is a.user-1'],
  },
  {
    name: 'a foreign file with other content is kept beside',
    person: (rig) => write(rig.target, { 'd/a.py': 'mine' }),
    after: { 'd/a.py': '1' },
    there: { 'd/a.py': '1', 'd/a.py.user-1': 'mine' },
    notes: ['warning: d/a.py stood in the way: it is now a.py.user-1'],
  },
  {
    name: 'a foreign file with the wanted content is taken over silently',
    person: (rig) => write(rig.target, { 'd/a.py': '1', 'd/run': '2' }),
    after: { 'd/a.py': '1', 'd/run': { program: '2' } },
    there: { 'd/a.py': '1', 'd/run': { program: '2' } },
  },
  {
    name: 'a foreign file where a directory must be is kept beside',
    person: (rig) => write(rig.target, { d: 'mine' }),
    after: { 'd/a.py': '1' },
    there: { 'd/a.py': '1', 'd.user-1': 'mine' },
    notes: ['warning: d stood in the way: it is now d.user-1'],
  },
  {
    name: 'a foreign link where a file must be is kept beside, and not followed',
    person: (rig) => write(rig.target, { mine: 'm', a: { link: 'mine' } }),
    after: { a: '1' },
    there: { mine: 'm', a: '1', 'a.user-1': { link: 'mine' } },
    notes: ['warning: a stood in the way: it is now a.user-1'],
  },
  {
    name: 'a directory where a file of ours was, and none is wanted, is left alone',
    before: { a: '1', b: '1' },
    person: (rig) => {
      rmSync(join(rig.target, 'a'));
      write(rig.target, { 'a/mine': 'm' });
    },
    after: { b: '1' },
    there: { b: '1', 'a/mine': 'm' },
  },
  {
    name: 'a read-only file is replaced',
    before: { 'a.py': '1' },
    person: (rig) => chmodSync(join(rig.target, 'a.py'), 0o444),
    after: { 'a.py': '2' },
    there: { 'a.py': '2' },
  },
  {
    name: 'an executable bit that was lost comes back, without a copy',
    before: { run: { program: '1' } },
    person: (rig) => chmodSync(join(rig.target, 'run'), 0o644),
    after: { run: { program: '1' } },
    there: { run: { program: '1' } },
  },
  {
    name: 'an executable bit is a change',
    before: { run: '1' },
    after: { run: { program: '1' } },
    there: { run: { program: '1' } },
  },
  {
    name: 'names with line ends, tabs and backslashes',
    before: { 'a\nb\t\\n': '1', 'd\\/x\\t': '2' },
    after: { 'd\\/x\\t': '3' },
    there: { 'd\\/x\\t': '3' },
  },
];

test.each(rows)('$name', async ({ before, person, after, there, notes = [] }) => {
  using rig = openRig();
  if (before !== undefined) await rig.place(before);
  person?.(rig);
  await rig.place(after);
  expect(read(rig.target)).toEqual(there);
  expect(rig.notes).toEqual(notes);
  const site = rig.open();
  expect(site.holds('core')).toBe(true);
  // Whatever it took to get there: the next run has nothing to do.
  await site.stage({ slot: 'core', base: '', parts: [{ tree: rig.store.tree(after), at: '', how: 'copy' }] });
  expect(site.pending()).toBe(false);
});

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

test('mode bits of the store do not matter, those of the listing do', async () => {
  using rig = openRig();
  const tree = rig.store.tree({ 'a.py': '1' });
  chmodSync(join(rig.store.pathOf(tree), 'a.py'), 0o400);
  await rig.place({ 'a.py': '1' });
  expect(lstatSync(join(rig.target, 'a.py')).mode & 0o777).toBe(0o644);
});
