import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { type Bench, openBench, openDemo } from './rig.ts';

let bench: Bench;
beforeEach(() => {
  bench = openDemo();
});
afterEach(() => bench[Symbol.dispose]());

const textOf = (path: string): string => readFileSync(join(bench.project, path), 'utf8');
const jsonOf = (path: string): Readonly<Record<string, unknown>> => JSON.parse(textOf(path));

it('a clone is the same document under another id, with the same pins', async () => {
  const ended = await bench.pipeline(['clone', 'demo', 'mine']);
  expect(ended).toMatchObject({
    exitCode: 0,
    stderr: '',
    stdout: 'Wrote versions/mine.json\nWrote lockfiles/mine.lock.json: the same pins as demo\n',
  });
  expect(textOf('versions/mine.json')).toBe(textOf('versions/demo.json').replace('"demo"', '"mine"'));
  const { version_id: id, version_digest: _, ...pins } = jsonOf('lockfiles/mine.lock.json');
  expect(id).toBe('mine');
  expect(jsonOf('lockfiles/demo.lock.json')).toMatchObject(pins);
  const dry = await bench.pipeline(['realize', 'mine', '--frozen', '--dry-run', '--target', bench.target]);
  expect(dry).toMatchObject({ exitCode: 0, stderr: '' });
});

it('what is there is not overwritten, unless it is forced', async () => {
  await bench.pipeline(['clone', 'demo', 'other']);
  const refused = await bench.pipeline(['clone', 'demo', 'other']);
  expect(refused).toMatchObject({
    exitCode: 3,
    stdout: '',
    stderr: 'error: Refused to replace lockfiles/other.lock.json: it is there already\nhint: --force replaces it\n',
  });
  bench.write({ 'versions/other.json': '{"mine": true}' });
  expect((await bench.pipeline(['clone', 'demo', 'other', '--force'])).exitCode).toBe(0);
  expect(jsonOf('versions/other.json')).toMatchObject({ version_id: 'other', comfy: { ref: 'main' } });
});

it('a version without a lockfile: only a document that is there is in the way', async () => {
  bench.write({
    'versions/a.json': '{"id":"a","schema_version":2,"comfyui":{"repo":"./core"}}',
    'versions/b.json': '{"keep":1}',
  });
  expect((await bench.pipeline(['clone', 'a', 'b'])).stderr).toContain(
    'Refused to replace versions/b.json: it is there',
  );
  expect(textOf('versions/b.json')).toBe('{"keep":1}');
  expect((await bench.pipeline(['clone', 'a', 'c'])).stdout).toBe('Wrote versions/c.json\n');
  expect(textOf('versions/c.json')).toBe('{"id":"c","schema_version":2,"comfyui":{"repo":"./core"}}');
  expect(existsSync(join(bench.project, 'lockfiles/c.lock.json'))).toBe(false);
});

it.each([
  ['on a line', '{\n  "version_id": "a",\n  "target": "/data/a",\n  "lock": "a.json"\n}\n'],
  ['at the end', '{\n  "lock": "a.json",\n  "target": "/data/a"\n}\n'],
  ['among others', '{"version_id":"a","target":"/data/a","lock":"a.json"}'],
])('a target %s is not the clone’s too', async (_, text) => {
  bench.write({ 'versions/a.json': text, 'a.json': { comfyui: { repo: './core', commit: 'main' } } });
  const { stdout } = await bench.pipeline(['clone', 'a', 'b']);
  expect(stdout).toBe('Wrote versions/b.json\nIts `target` is left out: /data/a is that of a\n');
  expect(textOf('versions/b.json')).toBe('{\n  "version_id": "b",\n  "lock": "a.json"\n}\n');
});

it('a stale lockfile stays stale', async () => {
  bench.write({ 'versions/demo.json': textOf('versions/demo.json').replace('"v1.0.0"', '"main"') });
  await bench.pipeline(['clone', 'demo', 'mine']);
  const dry = await bench.pipeline(['realize', 'mine', '--dry-run', '--frozen', '--target', bench.target]);
  expect(dry.stderr).toContain('lockfiles/mine.lock.json: It is not of this version any more');
});

it.each([
  ['a', 'b', 3, 'error: Version a (versions/a.json) does not exist\n'],
  ['demo', '../b', 2, 'error: `../b` is no version id.'],
  ['demo', 'demo', 2, 'error: demo and demo are one version\nhint: give the copy another id\n'],
  ['demo', 'schema', 2, 'error: `schema` is no version id. This id is reserved'],
])('clone %s %s', async (from, to, exitCode, message) => {
  const before = textOf('versions/demo.json');
  const ended = await bench.pipeline(['clone', from, to]);
  expect(ended).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
  expect(textOf('versions/demo.json')).toBe(before);
});

it('a lock of the first tools is not overwritten by force', async () => {
  using other = openBench();
  const lock = { schema_version: 1, comfyui: { repo: './core', commit: 'main' } };
  for (const [path, content] of [
    ['versions/demo.json', undefined],
    ['lockfiles/demo.lock.json', undefined],
  ] as const)
    other.write({ [path]: content ?? textOf(path) });
  other.write({ 'lockfiles/comfy-x.lock.json': lock });
  const ended = await other.pipeline(['clone', 'demo', 'comfy-x', '--force']);
  expect(ended.stderr).toContain('lockfiles/comfy-x.lock.json: schema_version: Found 1: expected 3');
  expect(JSON.parse(readFileSync(join(other.project, 'lockfiles/comfy-x.lock.json'), 'utf8'))).toEqual(lock);
  expect(existsSync(join(other.project, 'versions/comfy-x.json'))).toBe(false);
});
