import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
