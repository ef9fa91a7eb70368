import { appendFileSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import type { Tree } from '#cache';
import { examine } from '../../tasks/tools/site/examine.ts';
import type { LinkMode } from '../../tasks/tools/site/link-mode.ts';
import { openRecipes, type Recipe, type Recipes } from '../../tasks/tools/site/recipes.ts';
import { type Contents, openRig, read, type Rig } from './rig.ts';

const names = { version: 'v', lockfile: '{}' };

const first: Contents = {
  'bin/tool': { program: '#!/bin/sh' },
  'lib/one/__init__.py': '',
  'lib/one/a.py': 'one = 1',
  'lib/one/empty': { empty: true },
  'lib/one/odd\tname\n\\': 'odd',
  'lib/shared.py': 'of the first',
  lib64: { link: 'lib' },
};
const second: Contents = { 'lib/shared.py': 'of the second', 'lib/two/b.py': 'two = 2', 'lib/two/__init__.py': '' };
const both = { ...first, ...second };

/** Recipes, with what was asked of them. */
function watched(recipes: Recipes): Recipes & { readonly recalled: boolean[]; readonly kept: Recipe[] } {
  const [recalled, kept]: [boolean[], Recipe[]] = [[], []];
  return {
    recalled,
    kept,
    recall(name) {
      const recipe = recipes.recall(name);
      recalled.push(recipe !== undefined);
      return recipe;
    },
    keep(name, recipe) {
      kept.push(recipe);
      recipes.keep(name, recipe);
    },
  };
}

const recipesOf = (rig: Rig) => watched(openRecipes(join(rig.root, 'recipes')));

/** Places packages in a target of their own, and looks for what is not as it was placed. */
async function place(
  rig: Rig,
  name: string,
  { trees, recipes, linkMode = 'hardlink' }: { trees: readonly Tree[]; recipes: Recipes; linkMode?: LinkMode },
): Promise<string> {
  const target = join(rig.root, name);
  const site = rig.open({ target, recipes, linkMode });
  const parts = trees.map((tree) => ({ tree, at: '', how: 'link' }) as const);
  await site.stage({ slot: 'wheels', base: '.venv', parts });
  await site.activate(names);
  expect(rig.open({ target }).holds('wheels')).toBe(true);
  expect(await examine(target, { rehash: true, signal: AbortSignal.any([]) })).toEqual([]);
  return target;
}

const inVenv = (contents: Contents): Contents =>
  Object.fromEntries(Object.entries(contents).map(([path, content]) => [`.venv/${path}`, content]));

const pathOf = (line: string): string => line.slice(line.lastIndexOf('\t') + 1);

const inode = (path: string): number => lstatSync(path).ino;

const receipt = (target: string): readonly string[] =>
  readFileSync(join(target, '.pipeline/receipts/wheels.files'), 'utf8').split('\n');

test.each<LinkMode>(['hardlink', 'copy', 'auto'])(
  'a second target is laid out by the recipe of the first, and is the same (%s)',
  async (linkMode) => {
    using rig = openRig();
    const trees = [rig.store.tree(first), rig.store.tree(second)];
    const recipes = recipesOf(rig);
    const one = await place(rig, 'one', { trees, recipes, linkMode });
    const overlap = 'info: Two parts of wheels differ in .venv/lib/shared.py: the later part wins';
    expect(rig.notes).toContain(overlap);
    rig.notes.length = 0;
    const two = await place(rig, 'two', { trees, recipes, linkMode });
    expect(recipes.recalled).toEqual([false, true]);
    expect(rig.notes).toContain(overlap);
    expect(read(one)).toEqual(inVenv(both));
    expect(read(two)).toEqual(inVenv(both));
    expect(receipt(two).map(pathOf)).toEqual(receipt(one).map(pathOf));
  },
);

test('what is shared is one file; what is empty is nobody else’s', async () => {
  using rig = openRig();
  const tree = rig.store.tree(first);
  const recipes = recipesOf(rig);
  for (const name of ['one', 'two']) {
    const target = await place(rig, name, { trees: [tree], recipes });
    const stored = rig.store.pathOf(tree);
    expect(inode(join(target, '.venv/lib/one/a.py'))).toBe(inode(join(stored, 'lib/one/a.py')));
    expect(inode(join(target, '.venv/lib/one/__init__.py'))).not.toBe(inode(join(stored, 'lib/one/__init__.py')));
  }
});

test.each<readonly [how: string, damage: (text: string) => string]>([
  ['cut short', (text) => text.slice(0, -5)],
  ['longer', (text) => `${text}d\tmore\n`],
  ['changed', (text) => text.replace('lib/two/b.py', 'lib/two/c.py')],
  ['of another format', (text) => text.replace('"format":1', '"format":2')],
  ['empty', () => ''],
])('a recipe that is %s is worked out again', async (_, damage) => {
  using rig = openRig();
  const trees = [rig.store.tree(first), rig.store.tree(second)];
  const recipes = recipesOf(rig);
  await place(rig, 'one', { trees, recipes });
  const [name] = readdirSync(join(rig.root, 'recipes')).filter((entry) => entry !== 'tmp');
  const file = join(rig.root, 'recipes', name!);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, damage(text));
  expect(read(await place(rig, 'two', { trees, recipes }))).toEqual(inVenv(both));
  expect(recipes.recalled).toEqual([false, false]);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('a tree that was made again has another recipe: its files look different', async () => {
  using rig = openRig();
  const tree = rig.store.tree(first);
  const recipes = recipesOf(rig);
  await place(rig, 'one', { trees: [tree], recipes });
  rig.store.renew(tree, first);
  await place(rig, 'two', { trees: [tree], recipes });
  expect(recipes.recalled).toEqual([false, false]);
});

test('recipes that cannot be kept cost nothing but time', async () => {
  using rig = openRig();
  writeFileSync(join(rig.root, 'no-directory'), '');
  const recipes = openRecipes(join(rig.root, 'no-directory'));
  expect(read(await place(rig, 'one', { trees: [rig.store.tree(first)], recipes }))).toEqual(inVenv(first));
});

test('where something stands already, where not all is shared, or looks are not known, no recipe is made', async () => {
  using rig = openRig();
  const recipes = recipesOf(rig);
  const tree = rig.store.tree(first);
  await place(rig, 'one', { trees: [tree], recipes });
  recipes.kept.length = 0;
  await place(rig, 'one', { trees: [tree, rig.store.tree(second)], recipes });
  const mixed = rig.open({ target: join(rig.root, 'mixed'), recipes });
  await mixed.stage({
    slot: 'wheels',
    base: '.venv',
    parts: [
      { tree, at: '', how: 'link' },
      { text: 'x', at: 'x' },
    ],
  });
  const store = { ...rig.store, looks: () => new Map(), lookedLike: () => '' };
  const unknown = rig.open({ target: join(rig.root, 'unknown'), recipes, store });
  await unknown.stage({ slot: 'wheels', base: '.venv', parts: [{ tree, at: '', how: 'link' }] });
  for (const site of [mixed, unknown]) await site.activate(names);
  expect(recipes.kept).toEqual([]);
  expect(read(join(rig.root, 'mixed'))).toEqual(inVenv({ ...first, x: 'x' }));
  expect(read(join(rig.root, 'unknown'))).toEqual(inVenv(first));
});

test('two slots of one base that want a path to be different things are refused, a recipe or not', async () => {
  using rig = openRig();
  const [tree, other] = [rig.store.tree(first), rig.store.tree({ 'lib/one/a.py': 'another' })];
  const recipes = recipesOf(rig);
  for (const name of ['one', 'two']) {
    const site = rig.open({ target: join(rig.root, name), recipes });
    await site.stage({ slot: 'wheels', base: '.venv', parts: [{ tree, at: '', how: 'link' }] });
    await site.stage({ slot: 'venv', base: '.venv', parts: [{ tree: other, at: '', how: 'copy' }] });
    await expect(site.activate(names)).rejects.toMatchObject({ failure: { kind: 'refused' } });
  }
  expect(recipes.recalled).toEqual([false, true]);
});

test('an edit in place behind a hard link shows in every target', async () => {
  using rig = openRig();
  const tree = rig.store.tree(first);
  const recipes = recipesOf(rig);
  const targets = [];
  for (const name of ['one', 'two']) targets.push(await place(rig, name, { trees: [tree], recipes }));
  appendFileSync(join(targets[0]!, '.venv/lib/one/a.py'), '!');
  for (const target of targets) expect(rig.open({ target }).holds('wheels')).toBe(false);
});
