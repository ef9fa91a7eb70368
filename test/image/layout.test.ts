import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { listing, temporary } from '../cache/rig.ts';
import { failureOf, room, smallImage, wish } from './rig.ts';

const tagsIn = (directory: string): unknown =>
  (
    JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as { manifests: { annotations: object }[] }
  ).manifests.map(({ annotations }) => Object.values(annotations)[0] as unknown);

test('an OCI layout takes images beside each other, and brings only what it lacks', async () => {
  const here = room();
  const directory = join(temporary(), 'images');
  const image = await smallImage(here);
  expect(await here.images.toLayout(image, { directory, tag: 'a:1' })).toMatchObject({ sent: 3, there: 0 });
  expect(await here.images.toLayout(image, { directory, tag: 'a:1' })).toMatchObject({ sent: 0, there: 3, bytes: 0 });
  expect(await here.images.toLayout(await smallImage(here, 'other'), { directory, tag: 'b:1' })).toMatchObject({
    sent: 3,
  });
  expect(tagsIn(directory)).toEqual(['a:1', 'b:1']);
});

test('a damaged file of a layout is written again', async () => {
  const here = room();
  const directory = join(temporary(), 'images');
  const image = await smallImage(here);
  await here.images.toLayout(image, { directory, tag: 'a' });
  const path = join(directory, 'blobs/sha256', image.layers[0]!.file.slice(5));
  appendFileSync(path, 'x');
  expect(await here.images.toLayout(image, { directory, tag: 'a' })).toMatchObject({ sent: 1, there: 2 });
  expect(statSync(path).size).toBe(image.layers[0]!.size);
});

test('who edits a layout does not edit the store', async () => {
  const here = room();
  const directory = join(temporary(), 'images');
  const image = await smallImage(here);
  await here.images.toLayout(image, { directory, tag: 'a' });
  appendFileSync(join(directory, 'blobs/sha256', image.layers[0]!.file.slice(5)), 'x');
  expect(await here.store.proves(image.layers[0]!.file, { rehash: true })).toBe(true);
});

test('a directory that holds something else is left as it is', async () => {
  const here = room();
  const directory = temporary();
  writeFileSync(join(directory, 'letter.txt'), 'dear');
  const failed = await failureOf(here.images.toLayout(await smallImage(here), { directory, tag: 'a' }));
  expect(failed).toMatchObject({ kind: 'refused', because: 'it holds something that is not an OCI layout' });
  expect(listing(directory)).toEqual(['letter.txt']);
});

test('an archive is the same bytes each time, and replaces the one that is there', async () => {
  const here = room();
  const file = join(temporary(), 'image.tar');
  const image = await smallImage(here);
  await here.images.toArchive(image, { file, tag: 'a:1' });
  const first = readFileSync(file);
  await here.images.toArchive(image, { file, tag: 'a:1' });
  expect(readFileSync(file).equals(first)).toBe(true);
});

test('what was written as a layout or an archive can be built upon', async () => {
  const here = room();
  const [directory, file] = [join(temporary(), 'images'), join(temporary(), 'image.tar')];
  const image = await smallImage(here);
  await here.images.toLayout(image, { directory, tag: 'a:1' });
  await here.images.toArchive(image, { file, tag: 'a:1' });
  const there = room();
  for (const from of [directory, file]) {
    const base = await there.images.base({ from, architecture: 'amd64' });
    expect(base.layers.map(({ file: kept, diff }) => [kept, diff])).toEqual(
      image.layers.map(({ file: kept, diff }) => [kept, diff]),
    );
  }
});

test('the Pythons of a base are found by the names in its layers, the usual places first', async () => {
  const here = room();
  const layer = async (...paths: readonly string[]) =>
    here.images.layer({
      directory: 'x',
      owner: 0,
      compression: 'zstd',
      about: 'l',
      parts: paths.map((at) => ({ text: '', at })),
    });
  const layers = [
    await layer(
      'usr/bin/python3.9',
      'usr/bin/python3.11',
      'home/python3.12',
      'usr/bin/python3',
      'usr/local/bin/python3.13',
    ),
    await layer('usr/bin/perl'),
  ];
  const directory = join(temporary(), 'images');
  await here.images.toLayout(await here.images.compose({ ...wish, layers }), { directory, tag: 'a' });
  const { programs } = await here.images.base({ from: directory, architecture: 'amd64' });
  expect(programs).toEqual(['/usr/local/bin/python3.13', '/usr/bin/python3.11', '/usr/bin/python3.9']);
});

test('a base is refused: another machine, nothing there, no image, damage', async () => {
  const here = room();
  const directory = join(temporary(), 'images');
  const image = await smallImage(here);
  await here.images.toLayout(image, { directory, tag: 'a' });
  const base = async (from: string, architecture = 'amd64') => failureOf(here.images.base({ from, architecture }));
  expect(await base(directory, 'arm64')).toMatchObject({ problem: 'It is for linux/amd64, not for linux/arm64' });
  expect(await base(join(directory, 'nowhere'))).toMatchObject({ kind: 'absent' });
  const empty = temporary();
  mkdirSync(join(empty, 'sub'));
  expect(await base(empty)).toMatchObject({ problem: 'It is neither an OCI layout nor an archive of an image' });
  const path = join(directory, 'blobs/sha256', image.layers[0]!.file.slice(5));
  appendFileSync(path, 'x');
  expect(existsSync(path)).toBe(true);
  expect(await base(directory)).toMatchObject({ kind: 'integrity' });
});
