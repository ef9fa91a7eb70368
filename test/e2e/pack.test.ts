import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { unplugged } from '../rig/unplugged.ts';
import { runIn } from './environment.ts';
import { type Bench, type Ended, openBench, openDemo } from './rig.ts';
import { lockOf, openWorld, type Pins, smallEnvironment, type World } from './world.ts';

let world: World;
let pins: Pins;
let here: Bench;
let file: string;
let packed: Ended;
beforeAll(async () => {
  world = await openWorld();
  pins = await smallEnvironment(world);
  here = openBench();
  here.lock('small', lockOf(pins));
  file = here.at('small.pack.tar');
  packed = await here.pipeline(['pack', 'small', '--output', file, '--json']);
});
afterAll(async () => {
  here[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

/** A machine that has nothing of all this: another project, an empty cache. */
let there: Bench;
beforeEach(() => {
  there = openBench();
});
afterEach(() => there[Symbol.dispose]());

const unpack = (...more: readonly string[]) =>
  there.pipeline(['unpack', file, '--json', ...more], { under: unplugged ?? [] });
const listed = (bench: Bench): readonly string[] =>
  (readdirSync(bench.target, { recursive: true }) as string[])
    .filter((path) => !path.startsWith('.pipeline'))
    .toSorted();

it('what one machine packs is realized on another that never sees a network', async () => {
  expect(packed.summary).toMatchObject({ ok: true, result: { kind: 'bundle', file } });
  const asked = world.asked();
  const unpacked = await unpack();
  expect(unpacked.summary).toMatchObject({
    ok: true,
    bytes_fetched: 0,
    result: { kind: 'unpacked', version: 'small' },
  });
  expect(existsSync(join(there.cache, 'git'))).toBe(false);
  const { summary, built } = await there.realize('small', ['--offline', '--frozen'], { under: unplugged ?? [] });
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(built.filter((name) => /^(?:fetch|unpack)-/.test(name))).toEqual([]);
  expect(world.asked()).toBe(asked);
  expect((await here.realize('small')).summary.ok).toBe(true);
  expect(listed(there)).toEqual(listed(here));
  expect(await runIn(there.target, '.venv/bin/tint')).toContain('tinted');
  expect(
    readFileSync(join(there.target, 'models/checkpoints/big.safetensors')).equals(Buffer.alloc(300_000, 'big')),
  ).toBe(true);
});

it('two machines pack the same bytes', async () => {
  there.lock('small', lockOf(pins));
  expect((await there.pipeline(['pack', 'small', '--json'])).summary.ok).toBe(true);
  expect(readFileSync(join(there.project, 'small.pack.tar')).equals(readFileSync(file))).toBe(true);
});

it('the demo is packed with everything it extends or names', async () => {
  using demo = openDemo();
  const stick = demo.at('demo.tar');
  expect((await demo.pipeline(['pack', 'demo', '--output', stick])).exitCode).toBe(0);
  expect((await there.pipeline(['unpack', stick], { under: unplugged ?? [] })).exitCode).toBe(0);
  const { summary } = await there.realize('demo', ['--offline'], { under: unplugged ?? [] });
  expect(summary).toMatchObject({ ok: true, failed: 0 });
  expect(existsSync(join(there.cache, 'demo'))).toBe(false);
});

it('packing fetches what is missing; with --offline all of it is listed, and no file is made', async () => {
  there.lock('small', lockOf(pins));
  const { exitCode, summary, stdout } = await there.pipeline(['pack', 'small', '--offline', '--json']);
  expect(exitCode).toBe(5);
  const sources = [...pins.wheels, ...pins.models].flatMap(({ url, sources: all }) => [url ?? all].flat() as string[]);
  expect(summary.missing).toEqual(expect.arrayContaining(sources));
  expect(summary.missing).toHaveLength(pins.nodes.length + pins.wheels.length + pins.models.length + 1);
  expect(stdout).toContain(String(pins.core['commit']));
  expect(readdirSync(there.project).toSorted()).toEqual(['lockfiles', 'versions']);
});

it('unpack replaces no document unless it is told to', async () => {
  there.write({ 'versions/small.json': { mine: true } });
  const refused = await unpack();
  expect(refused.exitCode).toBe(3);
  expect(refused.stderr).toMatch(/versions\/small\.json.*there already\nhint: --force/s);
  expect(existsSync(join(there.project, 'lockfiles/small.lock.json'))).toBe(false);
  expect((await unpack('--force')).exitCode).toBe(0);
  expect(readFileSync(join(there.project, 'versions/small.json'), 'utf8')).toBe(
    readFileSync(join(here.project, 'versions/small.json'), 'utf8'),
  );
  expect((await unpack()).notes).not.toContainEqual(expect.stringContaining('Wrote'));
});

it('a bundle that is cut, or that is none, is refused with exit code 3 before anything is kept', async () => {
  const cut = there.at('cut.tar');
  writeFileSync(cut, readFileSync(file));
  truncateSync(cut, 10_240);
  for (const bad of [cut, join(here.project, 'versions/small.json')]) {
    const { exitCode, failed } = await there.pipeline(['unpack', bad, '--json']);
    expect(exitCode).toBe(3);
    expect(failed).toMatchObject({ task: 'read-bundle', failure: { kind: 'refused' } });
  }
  expect(existsSync(join(there.cache, 'store/blobs'))).toBe(false);
  expect(readdirSync(join(there.project, 'versions'))).toEqual([]);
});

it('pack of a version without a lockfile, or with another one, says what to do', async () => {
  there.write({ 'versions/small.json': { schema_version: 2, version_id: 'small', comfy: { repo: './core' } } });
  const without = await there.pipeline(['pack', 'small']);
  expect(without.exitCode).toBe(3);
  expect(without.stderr).toMatch(/lockfiles\/small\.lock\.json does not exist\nhint: run `pipeline validate small`/);
  there.lock('small', lockOf(pins));
  there.write({ 'versions/small.json': { schema_version: 2, version_id: 'small', comfy: { repo: './other' } } });
  expect((await there.pipeline(['pack', 'small'])).stderr).toContain('not of this version any more');
});
