import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

import { beside } from '#cache';
import { openLooker, type Sight } from '../../cache/looker.ts';
import { readTree } from '../../cache/read-tree.ts';
import { temporary } from './rig.ts';

/** Objects of so many files of long names: from the size of their texts on two threads look. */
async function objects(count: number, files: number): Promise<readonly Sight[]> {
  const root = temporary();
  const sights: Sight[] = [];
  for (let n = 0; n < count; n += 1) {
    const object = join(root, `${n}`);
    mkdirSync(object);
    for (let file = 0; file < files; file += 1) writeFileSync(join(object, `${file}${'f'.repeat(200)}`), '.');
    sights.push({ object, seen: (await readTree(object)).seen });
  }
  return sights;
}

test.each([
  ['few', 3],
  ['many', 300],
])('objects of %s files look as they did, until one does not', async (_amount, files) => {
  const sights = await objects(10, files);
  const looksStill = openLooker();
  const look = async () => Promise.all(sights.map(looksStill));
  expect(await look()).toEqual(sights.map(() => true));
  appendFileSync(join(sights[2]!.object, `0${'f'.repeat(200)}`), 'more');
  rmSync(sights[8]!.object, { recursive: true });
  expect(await look()).toEqual(sights.map((_, n) => n !== 2 && n !== 8));
  expect(await look()).toEqual(sights.map((_, n) => n !== 2 && n !== 8));
});

/** A module for the second thread. */
function moduleOf(text: string): URL {
  const path = join(temporary(), 'module.mjs');
  writeFileSync(path, text);
  return pathToFileURL(path);
}

test('the second thread says what a module says, one after the other', async () => {
  const said: unknown[] = [];
  const echo = moduleOf('export const run = (order, say) => { say(order); say(order + 1); };');
  await Promise.all([1, 10].map(async (order) => beside(echo, order, (what) => said.push(what))));
  expect(said).toEqual([1, 2, 10, 11]);
});

test.each([
  ['throws', 'export const run = () => { throw new Error("no"); };'],
  ['is none', 'export const walk = 1;'],
  ['cannot be read', 'export const run = ;'],
])('who waits for a module that %s hears of its end, and the next one runs', async (_, text) => {
  const said: unknown[] = [];
  await beside(moduleOf(text), 1, (what) => said.push(what));
  expect(said).toEqual([]);
  await beside(moduleOf('export const run = (order, say) => say(order);'), 2, (what) => said.push(what));
  expect(said).toEqual([2]);
});

test('who waits for a thread that ends early hears of it', async () => {
  const ended = beside(moduleOf('export const run = () => process.exit(1);'), 1);
  await expect(ended).resolves.toBeUndefined();
});
