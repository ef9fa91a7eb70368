import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Answer, openResults, type Results, sha256Of } from '#cache';
import { expect, test } from 'vitest';

import { lay, listing, temporary, textOf } from './rig.ts';

const key = sha256Of('question');
const answer: Answer = {
  key,
  task: 'fetch-node',
  input: { name: 'comfyui-foo', tags: [':colon', null, 1.5], nested: { ü: '\n' } },
  output: { source: `tree:${key}` },
  at: '2026-11-20T12:00:00.000Z',
  ms: 1234.5,
};

function testResults(directory = join(temporary(), 'results')): Results & { directory: string; warnings: string[] } {
  const warnings: string[] = [];
  return { ...openResults({ directory, warn: (text) => warnings.push(text) }), directory, warnings };
}

const fileOf = (directory: string, of = key): string => join(directory, of.slice(0, 2), `${of}.json`);

test('what is saved is found, at once, by this process and by others', async () => {
  const results = testResults();
  expect(results.lookup(key)).toBeUndefined();
  await results.save(answer);
  expect(results.lookup(key)).toEqual(answer);
  expect(testResults(results.directory).lookup(key)).toEqual(answer);
  expect(results.warnings).toEqual([]);
});

test('a record is one small file of plain JSON, and nothing is left beside it', async () => {
  const results = testResults();
  await results.save(answer);
  expect(JSON.parse(textOf(fileOf(results.directory)))).toEqual(answer);
  expect(listing(results.directory)).toEqual([key.slice(0, 2), `${key.slice(0, 2)}/${key}.json`, 'tmp']);
});

test('a later answer to the same question takes the place of the earlier', async () => {
  const results = testResults();
  await results.save(answer);
  await results.save({ ...answer, output: 'new' });
  expect(results.lookup(key)).toMatchObject({ output: 'new' });
});

test('looking up writes nothing', () => {
  const results = testResults();
  expect(results.lookup(key)).toBeUndefined();
  expect(existsSync(results.directory)).toBe(false);
});

test.each<[string, (file: string) => void]>([
  ['truncated', (file) => truncateSync(file, 40)],
  ['emptied', (file) => truncateSync(file, 0)],
  ['full of zeros', (file) => writeFileSync(file, Buffer.alloc(200))],
  ['of another shape', (file) => writeFileSync(file, JSON.stringify({ ...answer, ms: 'long' }))],
  ['the answer to another question', (file) => writeFileSync(file, JSON.stringify({ ...answer, key: sha256Of('') }))],
  ['not an object', (file) => writeFileSync(file, '"text"')],
])('a record that is %s is a miss, said once, and can be saved anew', async (_, damage) => {
  const results = testResults();
  await results.save(answer);
  damage(fileOf(results.directory));
  expect([results.lookup(key), results.lookup(key)]).toEqual([undefined, undefined]);
  expect(results.warnings).toEqual([expect.stringContaining(`${key} `)]);
  await results.save(answer);
  expect(results.lookup(key)).toEqual(answer);
});

test('a deleted record is a miss, and nothing to speak of', async () => {
  const results = testResults();
  await results.save(answer);
  rmSync(fileOf(results.directory));
  expect([results.lookup(key), results.warnings]).toEqual([undefined, []]);
});

test('what cannot be read is a miss, said once', () => {
  const results = testResults();
  lay(fileOf(results.directory), {});
  expect([results.lookup(key), results.lookup(key)]).toEqual([undefined, undefined]);
  expect(results.warnings).toEqual([expect.stringContaining('EISDIR')]);
});

test('what cannot be written is said once, and fails nobody', async () => {
  const directory = join(lay(temporary(), { file: 'in the way' }), 'file');
  const results = testResults(directory);
  await results.save(answer);
  await results.save(answer);
  expect(results.warnings).toHaveLength(1);
  expect(results.warnings[0]).toContain(directory);
});

test.each(['', '..', '../../etc/passwd', key.toUpperCase(), `${key}/x`])(
  '%j is no key: a miss, and no file',
  async (name) => {
    const results = testResults();
    expect(results.lookup(name)).toBeUndefined();
    await results.save({ ...answer, key: name });
    expect(existsSync(results.directory)).toBe(false);
    expect(readdirSync(dirname(results.directory))).toEqual([]);
  },
);
