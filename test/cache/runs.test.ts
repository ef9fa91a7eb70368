import { mkdirSync, mkdtempDisposableSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { openRuns } from '#cache';

test('records are numbered from 1 on, and the last 20 of each subject are kept', () => {
  using room = mkdtempDisposableSync(join(tmpdir(), 'runs-'));
  const runs = openRuns(join(room.path, 'runs'));
  for (let n = 1; n <= 25; n++) expect(runs.keep('one', `text ${n}`)).toBe(n);
  expect(runs.keep('two', 'other')).toBe(1);
  expect(runs.of('one').map(({ n, read }) => [n, read()])).toEqual(
    Array.from({ length: 20 }, (_, at) => [at + 6, `text ${at + 6}`]),
  );
  expect(
    runs
      .all()
      .map((of) => of.length)
      .toSorted((a, b) => a - b),
  ).toEqual([1, 20]);
});

test('a number is not given twice, whatever was dropped', () => {
  using room = mkdtempDisposableSync(join(tmpdir(), 'runs-'));
  const runs = openRuns(room.path);
  for (let n = 1; n <= 21; n++) runs.keep('one', '');
  expect(openRuns(room.path).keep('one', '')).toBe(22);
});

test('what is not of our making is no record, and is left alone', () => {
  using room = mkdtempDisposableSync(join(tmpdir(), 'runs-'));
  const runs = openRuns(room.path);
  runs.keep('one', 'text');
  mkdirSync(join(room.path, 'stranger'));
  writeFileSync(join(room.path, 'stranger/1.jsonl'), 'theirs');
  const [own] = readdirSync(room.path).filter((name) => /^[0-9a-f]{32}$/.test(name));
  writeFileSync(join(room.path, own!, 'notes.txt'), 'theirs');
  expect(runs.all().map((of) => of.map(({ read }) => read()))).toEqual([['text']]);
});

test('where nothing was kept, or nothing can be read, there is nothing', () => {
  using room = mkdtempDisposableSync(join(tmpdir(), 'runs-'));
  const runs = openRuns(join(room.path, 'none'));
  expect(runs.all()).toEqual([]);
  expect(runs.of('one')).toEqual([]);
});

test('a record that cannot be written throws: whoever keeps it says so', () => {
  using room = mkdtempDisposableSync(join(tmpdir(), 'runs-'));
  writeFileSync(join(room.path, 'file'), '');
  expect(() => openRuns(join(room.path, 'file')).keep('one', 'text')).toThrow('ENOTDIR');
});
