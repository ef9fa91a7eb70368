import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { type Bench, openBench } from './rig.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let bench: Bench;
let comfyui: Readonly<Record<string, unknown>>;
let other: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  world = await openWorld();
  comfyui = await world.commit('core', { 'main.py': 'print("core 1")\n' });
  other = await world.commit('core', { 'main.py': 'print("core 2")\n' });
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench[Symbol.dispose]());

const frozen = (how: { readonly cwd?: string } = {}, ...more: readonly string[]) =>
  bench.pipeline(['realize', 'old', '--frozen', '--target', bench.target, ...more], how);

/** Realizes until there is nothing to do, and that has been told from memory. */
async function settle(how: { readonly cwd?: string } = {}, ...more: readonly string[]): Promise<void> {
  expect((await bench.pipeline(['validate', 'old'], how)).exitCode).toBe(0);
  for (let n = 0; n < 2; n++) expect((await frozen(how, ...more)).exitCode).toBe(0);
  expect(existsSync(join(bench.cache, 'repeat'))).toBe(true);
}

const stale = { exitCode: 3, stderr: expect.stringContaining('It is not of this version any more') as string };
const endOf = async (how?: { readonly cwd: string }) => {
  const { exitCode, stderr } = await frozen(how);
  return { exitCode, stderr };
};

it.each([
  ['beside the project', '../elsewhere/comfy-old.lock.json'],
  ['in the project, in a directory of its own', 'old/comfy-old.lock.json'],
  ['among the lockfiles, under a name that is not theirs', 'lockfiles/comfy-old.lock'],
])('an edit of a generation 1 lock %s is noticed', async (_, lock) => {
  bench.write({ 'versions/old.json': { version_id: 'old', lock }, [lock]: { comfyui } });
  await settle();
  bench.write({ [lock]: { comfyui: other } });
  expect(await endOf()).toEqual(stale);
});

it('a generation 1 lock that comes to stand before the one that was read is noticed', async () => {
  const cwd = bench.at('project/below');
  bench.write({ 'versions/old.json': { version_id: 'old', lock: 'comfy.json' }, 'below/comfy.json': { comfyui } });
  await settle({ cwd });
  bench.write({ 'comfy.json': { comfyui: other } });
  expect(await endOf({ cwd })).toEqual(stale);
});

it('an edit of a lockfile that is named, and found from the root of the project, is noticed', async () => {
  const cwd = bench.at('project/below');
  mkdirSync(cwd);
  bench.write({ 'versions/old.json': { schema_version: 2, version_id: 'old', comfy: comfyui } });
  expect((await bench.pipeline(['validate', 'old'])).exitCode).toBe(0);
  mkdirSync(bench.at('project/kept'));
  renameSync(bench.at('project/lockfiles/old.lock.json'), bench.at('project/kept/mine.json'));
  for (let n = 0; n < 2; n++) expect((await frozen({ cwd }, '--lock', 'kept/mine.json')).exitCode).toBe(0);
  writeFileSync(bench.at('project/kept/mine.json'), '{"schema_version": 3}');
  expect((await frozen({ cwd }, '--lock', 'kept/mine.json')).stderr).toContain('error: kept/mine.json: ');
});

it.each([
  ['document', 'versions/old.json'],
  ['directory', 'versions'],
])('an edit behind a symbolic link that is a %s is noticed', async (_, link) => {
  bench.write({ 'versions/old.json': { schema_version: 2, version_id: 'old', comfy: comfyui } });
  const [here, there] = [bench.at('project', link), bench.at('shared', link)];
  mkdirSync(dirname(there), { recursive: true });
  renameSync(here, there);
  symlinkSync(there, here);
  await settle();
  const file = bench.at('shared/versions/old.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(String(comfyui['commit']), String(other['commit'])));
  expect(await endOf()).toEqual(stale);
});
