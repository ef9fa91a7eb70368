import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { blobOf, sha256Of } from '#cache';
import { expect, test } from 'vitest';

import { keepLayout, keepText, temporary } from '../cache/rig.ts';
import { documents, failureOf, fill, layout, machine, packed } from './rig.ts';

test('what one machine packs another unpacks, to the last mode and link', async () => {
  const [here, there] = [machine(), machine()];
  const file = await packed(here);
  const read = await there.bundles.read(file);
  expect(read).toMatchObject({ version: 'v', documents, answers: 3, objects: 2 });
  const [tree, blob] = [await keepLayout(here.store, layout), await keepText(here.store, 'a model')];
  for (const digest of [tree, blob]) expect(await there.store.proves(digest, { rehash: true })).toBe(true);
  expect(readFileSync(join(there.store.pathOf(tree), 'bin/alias'), 'utf8')).toBe('#!/bin/sh\n');
  expect(statSync(join(there.store.pathOf(tree), 'bin/tool')).mode & 0o777).toBe(0o755);
  expect(await there.results.lookup(sha256Of('3'))).toMatchObject({
    task: 'fetch-wheel',
    input: null,
    output: { list: [{ tree, blob }] },
  });
  expect(there.told.at(-1)).toEqual([read.bytes, read.bytes]);
  expect(readdirSync(join(there.root, 'store/tmp'))).toEqual([]);
});

test('the same content gives the same bytes, whenever and wherever it was made', async () => {
  const [here, there] = [machine(), machine()];
  const first = readFileSync(await packed(here));
  const keys = (await fill(there, '2030-05-05T05:05:05.000Z')).toReversed();
  const to = join(there.root, 'other.tar');
  const written = await there.bundles.write({ to, version: 'v', documents, keys: [...keys, ...keys] });
  expect(readFileSync(to).equals(first)).toBe(true);
  expect(written).toEqual({ bytes: first.length, files: 4 });
});

test('tar lays a bundle out as files that are named by their hashes', async () => {
  const [file, into] = [await packed(), temporary()];
  execFileSync('tar', ['-xf', file, '-C', into]);
  const files = readdirSync(join(into, 'files'));
  expect(files).toEqual(['a model', 'print(1)\n', '#!/bin/sh\n', ''].map((text) => hash('sha256', text)).toSorted());
  for (const name of files) expect(hash('sha256', readFileSync(join(into, 'files', name)))).toBe(name);
  expect(readFileSync(join(into, 'documents/versions/v.json'), 'utf8')).toBe('{}\n');
});

test('what is there already is not written again', async () => {
  const there = machine();
  await fill(there);
  expect(await there.bundles.read(await packed())).toMatchObject({ objects: 0, bytes: 0 });
});

test('a bundle replaces no file, and one that is not finished is not there', async () => {
  const here = machine();
  const to = await packed(here);
  const keys = await fill(here);
  const what = { to, version: 'v', documents, keys };
  expect(await failureOf(here.bundles.write(what))).toMatchObject({ kind: 'refused', because: 'it is there already' });
  const next = { ...what, to: join(here.root, 'next.tar') };
  expect(await failureOf(here.bundles.write({ ...next, keys: [sha256Of('unknown')] }))).toMatchObject({
    kind: 'absent',
  });
  const stopped = machine(AbortSignal.abort());
  const cancelled = { ...next, to: join(stopped.root, 'next.tar'), keys: await fill(stopped) };
  expect(await failureOf(stopped.bundles.write(cancelled))).toEqual({ kind: 'cancelled' });
  expect(await failureOf(machine(AbortSignal.abort()).bundles.read(to))).toEqual({ kind: 'cancelled' });
  expect([here, stopped].flatMap(({ root }) => readdirSync(root).filter((name) => name.includes('next')))).toEqual([]);
});

test('damage in the store does not get into a bundle', async () => {
  const here = machine();
  const keys = await fill(here);
  writeFileSync(here.store.pathOf(blobOf(sha256Of('a model'))), 'a nodel');
  const to = join(here.root, 'v.tar');
  expect(await failureOf(here.bundles.write({ to, version: 'v', documents, keys }))).toMatchObject({ kind: 'absent' });
  expect(existsSync(to)).toBe(false);
});

test('reading a bundle that is not there says so', async () => {
  expect(await failureOf(machine().bundles.read('/nowhere/v.tar'))).toEqual({ kind: 'absent', what: '/nowhere/v.tar' });
});
