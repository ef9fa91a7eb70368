import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import * as z from 'zod';

import { type Bench, checkout, openBench } from './rig.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let bench: Bench;
let core: string;
beforeAll(async () => {
  world = await openWorld();
  const { repo, commit } = await world.commit('core', { 'main.py': '' });
  core = `${repo}@${commit}`;
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench[Symbol.dispose]());

const textOf = (path: string, from = bench): string => readFileSync(join(from.project, path), 'utf8');
const ours = (room: string): string => readFileSync(join(checkout, room, 'schema.json'), 'utf8');

async function run(words: readonly string[], from = bench): Promise<void> {
  const { exitCode, stderr } = await from.pipeline(words);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
}
const create = (from = bench) => run(['create', 'a', '--repo', core], from);

/** Whether a document fits the schema that it names, as an editor finds it. */
function fits(path: string): boolean {
  const document = JSON.parse(textOf(path)) as { readonly $schema: string };
  const schema = JSON.parse(textOf(join(dirname(path), document.$schema))) as z.core.JSONSchema.JSONSchema;
  return z.fromJSONSchema(schema).safeParse(document).success;
}

it('documents of a new project name schemas that are there, and fit them', async () => {
  await create();
  expect(fits('versions/a.json')).toBe(true);
  await run(['validate', 'a']);
  expect(fits('lockfiles/a.lock.json')).toBe(true);
  await run(['clone', 'a', 'b']);
  for (const path of ['versions/b.json', 'lockfiles/b.lock.json']) expect(fits(path)).toBe(true);
  for (const room of ['versions', 'lockfiles']) expect(textOf(join(room, 'schema.json'))).toBe(ours(room));
});

it('the schema of another release is replaced, one that is gone is written again, and what is not ours stays', async () => {
  bench.write({ 'versions/schema.json': ours('versions').replace('"description"', '"of another release"') });
  await create();
  expect(textOf('versions/schema.json')).toBe(ours('versions'));
  await run(['validate', 'a']);
  rmSync(join(bench.project, 'lockfiles/schema.json'));
  await run(['validate', 'a']);
  expect(textOf('lockfiles/schema.json')).toBe(ours('lockfiles'));
  bench.write({ 'lockfiles/schema.json': '{"title": "mine"}' });
  await run(['validate', 'a']);
  expect(textOf('lockfiles/schema.json')).toBe('{"title": "mine"}');
});

it('a lockfile has the same bytes, whether its schema was there before or not', async () => {
  using other = openBench();
  bench.write({ 'lockfiles/schema.json': ours('lockfiles') });
  for (const from of [bench, other]) {
    await create(from);
    await run(['validate', 'a'], from);
  }
  expect(textOf('lockfiles/a.lock.json')).toBe(textOf('lockfiles/a.lock.json', other));
});

it('a document that is written elsewhere names no schema, and none is written beside it', async () => {
  await run(['create', 'a', '--repo', core, '--output', 'a.json']);
  expect(JSON.parse(textOf('a.json'))).not.toHaveProperty('$schema');
  expect(existsSync(join(bench.project, 'schema.json'))).toBe(false);
});

it('the earlier tools find a copy of the lockfile where they look', async () => {
  await create();
  await run(['validate', 'a']);
  const { $schema, ...locked } = JSON.parse(textOf('lockfiles/a.lock.json')) as Readonly<Record<string, unknown>>;
  expect($schema).toBe('./schema.json');
  expect(JSON.parse(readFileSync(join(bench.cache, 'resolved/a.lock.json'), 'utf8'))).toEqual(locked);
});
