import { existsSync, linkSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { layRecipe } from '../../tasks/tools/site/lay-recipe.ts';
import { run } from '../../tasks/tools/site/link-beside.ts';
import { begun, callOff, closed, done, open, type Sharing } from '../../tasks/tools/site/sharing.ts';
import { openRig, type Rig } from './rig.ts';

const lineOf = (path: string): string => `f\t1\t${'f'.repeat(64)}\t1\t1\t-\t${path}`;

/** Two trees of two files each, and a place for them. */
function sharingOf(rig: Rig, states: readonly number[]): Sharing {
  const shared = new Int32Array(new SharedArrayBuffer(4 * states.length));
  shared.set(states);
  const roots = ['one', 'two'].map((name) => join(rig.root, name));
  const into = join(rig.root, 'into');
  for (const directory of [...roots, into]) mkdirSync(directory);
  const paths = ['a', 'b', 'c', 'd'];
  for (const [n, path] of paths.entries()) writeFileSync(join(roots[n >> 1]!, path), path);
  return {
    listing: `${paths.map(lineOf).join('\n')}\n`,
    sections: [
      [0, 1],
      [0, 1],
      [1, 2],
    ],
    roots,
    into,
    states: shared,
  };
}

const placed = ({ into }: Sharing): string =>
  ['a', 'b', 'c', 'd'].filter((path) => existsSync(join(into, path))).join('');

test('a thread makes what nobody has begun with, and says so', () => {
  using rig = openRig();
  const sharing = sharingOf(rig, [open, begun, open]);
  run(sharing, () => {});
  expect(placed(sharing)).toBe('acd');
  expect([...sharing.states]).toEqual([done, begun, done]);
  expect(lstatSync(join(sharing.into, 'c')).ino).toBe(lstatSync(join(rig.root, 'two/c')).ino);
});

test('a section in which something fails stays begun', () => {
  using rig = openRig();
  const sharing = sharingOf(rig, [done, open, open]);
  writeFileSync(join(sharing.into, 'b'), 'in the way');
  expect(() => run(sharing, () => {})).toThrow('EEXIST');
  expect([...sharing.states]).toEqual([done, begun, open]);
});

test('when it is called off, nobody begins with anything more', () => {
  using rig = openRig();
  const sharing = sharingOf(rig, [open, begun, closed]);
  callOff(sharing);
  expect([...sharing.states]).toEqual([done, begun, done]);
  run(sharing, () => {});
  expect(placed(sharing)).toBe('');
});

/** So many files that two threads lay them out: their names are long. */
const many = Array.from({ length: 3_000 }, (_, n) => `${n % 7}${'d'.repeat(150)}/${n}${'f'.repeat(150)}`);

function manyFiles(rig: Rig): string {
  const root = join(rig.root, 'tree');
  for (const path of many.slice(0, 7)) mkdirSync(join(root, path, '..'), { recursive: true });
  for (const path of many) writeFileSync(join(root, path), '.');
  return root;
}

const recipe = {
  files: many.length,
  overlaps: [],
  sections: Array.from({ length: 30 }, (): [number, number] => [0, 100]),
  listing: many.map((path) => `${lineOf(path)}\n`).join(''),
};

test('what two threads lay out is all there, each file once', async () => {
  using rig = openRig();
  const root = manyFiles(rig);
  const laid = await layRecipe({ base: 'base', recipe, roots: [root] }, join(rig.root, 'into'), (from, to) => {
    linkSync(from, to);
    return false;
  });
  for (const path of many) {
    expect(lstatSync(join(rig.root, 'into/base', path)).ino).toBe(lstatSync(join(root, path)).ino);
    expect(lstatSync(join(root, path)).nlink).toBe(2);
  }
  expect([...laid.lines.keys()]).toEqual(many);
  expect(laid.files).toEqual([]);
});

test('what the other thread could not do is done by this one', async () => {
  using rig = openRig();
  const root = manyFiles(rig);
  const nowhere = join(rig.root, 'nowhere');
  const into = join(rig.root, 'into');
  const laid = await layRecipe({ base: '', recipe, roots: [nowhere] }, into, (from, to) => {
    linkSync(join(root, from.slice(nowhere.length)), to);
    return false;
  });
  for (const path of many) expect(readFileSync(join(into, path), 'utf8')).toBe('.');
  expect(laid.lines.size).toBe(many.length);
});

test('what this thread cannot do fails, and nothing goes on behind it', async () => {
  using rig = openRig();
  const root = manyFiles(rig);
  let links = 0;
  const laying = layRecipe({ base: '', recipe, roots: [root] }, join(rig.root, 'into'), (from, to) => {
    if ((links += 1) > 150) throw new Error('no more');
    linkSync(from, to);
    return false;
  });
  await expect(laying).rejects.toThrow('no more');
});
