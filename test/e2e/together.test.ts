import { afterAll, beforeAll, expect, it } from 'vitest';

import { contentsOf, leftovers } from './crash-rig.ts';
import { type Bench, openBench } from './rig.ts';
import { changedPaths, type Listing } from './tree.ts';
import { lockOf, openWorld, type Pins, smallEnvironment, type World } from './world.ts';

const processes = ['one', 'two', 'three', 'four'];

let world: World;
let pins: Pins;
/** What one process alone makes, and what it asks the servers for. */
let clean: Listing;
let requests: readonly string[];

beforeAll(async () => {
  world = await openWorld();
  pins = await smallEnvironment(world);
  using bench = openSmall();
  await bench.realize('small');
  clean = contentsOf(bench.target);
  requests = asked();
});
afterAll(() => world[Symbol.asyncDispose]());

function openSmall(): Bench {
  const bench = openBench();
  bench.lock('small', lockOf(pins));
  return bench;
}

/** Every request for a file or a pack so far, sorted. */
const asked = (): readonly string[] =>
  [
    ...world.files.asked.map(({ path }) => path),
    ...world.git.requests.map(({ repository, service }) => `${repository} ${service}`),
  ].toSorted();

it('four processes with one cold cache make four equal targets, and fetch each thing once', async () => {
  using bench = openSmall();
  const runs = processes.map((name) => bench.realize('small', ['--target', bench.at(name)]));
  const ended = await Promise.all(runs);
  expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  for (const name of processes) expect([name, changedPaths(contentsOf(bench.at(name)), clean)]).toEqual([name, []]);
  expect(asked()).toEqual([...requests, ...requests].toSorted());
  expect(leftovers(bench, bench.at('one'))).toEqual([]);
});

it('four processes on one target: those that do not get it say so with exit code 7, and the target is right', async () => {
  using bench = openSmall();
  const ended = await Promise.all(processes.map(() => bench.realize('small')));
  const codes = ended.map(({ exitCode }) => exitCode);
  expect(codes).toContain(0);
  expect(codes.filter((code) => code !== 0 && code !== 7)).toEqual([]);
  const told = ended.flatMap(({ exitCode, stderr }) => (exitCode === 7 ? [stderr] : []));
  expect(told.filter((text) => !text.includes(`${bench.target} is in use by process`))).toEqual([]);
  expect(changedPaths(contentsOf(bench.target), clean)).toEqual([]);
  expect(leftovers(bench, bench.target)).toEqual([]);
});
