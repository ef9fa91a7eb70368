import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

import { type Bench, type Ended, openBench } from './rig.ts';
import { lockOf, openWorld, type Pins, smallEnvironment, type World } from './world.ts';

/** The small environment, for the tests of one file. */
export interface Small {
  readonly world: World;
  readonly pins: Pins;
  /** A bench of this test's own: its cache is warm, its project has a version `small`, its target is not there yet. */
  readonly bench: Bench;
  /** Locks `small` anew, with some of its pins changed. */
  relock(change: Partial<Pins>): void;
  /** Realizes `small`, which must go well. */
  realize(more?: readonly string[]): Promise<Ended>;
  /** A node's entry of the lockfile. */
  node(name: string): Pins['nodes'][number];
  /** All nodes, one of them replaced by others (or by none). */
  nodesBut(name: string, ...others: readonly Pins['nodes'][number][]): Pins['nodes'];
}

/** Serves it and realizes it once for the file; copies the cache for each test. */
export function small(): Small {
  let world: World;
  let pins: Pins;
  let warm: Bench;
  let bench: Bench;
  beforeAll(async () => {
    world = await openWorld();
    pins = await smallEnvironment(world);
    warm = openBench();
    warm.lock('small', lockOf(pins));
    expect((await warm.realize('small')).summary.ok).toBe(true);
  });
  afterAll(async () => {
    warm[Symbol.dispose]();
    await world[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    bench = openBench({ cache: warm.cache });
    bench.lock('small', lockOf(pins));
  });
  afterEach(() => bench[Symbol.dispose]());
  return {
    get world() {
      return world;
    },
    get pins() {
      return pins;
    },
    get bench() {
      return bench;
    },
    relock: (change) => void bench.lock('small', lockOf({ ...pins, ...change })),
    async realize(more) {
      const ended = await bench.realize('small', more);
      expect(ended.summary).toMatchObject({ ok: true });
      expect(ended.exitCode).toBe(0);
      return ended;
    },
    node: (name) => pins.nodes.find((node) => node['name'] === name)!,
    nodesBut: (name, ...others) => pins.nodes.flatMap((node) => (node['name'] === name ? others : [node])),
  };
}
