import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

import { type Bench, type Ended, openBench, type Running } from './rig.ts';
import { lockOf, openWorld, type Pins, smallEnvironment, type World } from './world.ts';

/** A document that `--json` prints. */
export type Document = Readonly<Record<string, unknown>>;

/** What `gc` tells. */
export interface Collected extends Document {
  readonly removed: readonly { readonly kind: string; readonly name: string }[];
  readonly freed_bytes: number;
  readonly left_bytes: number;
}

/** A cache, for the tests of one file: each has a bench of its own, with a version `small` that is locked and not realized. */
export interface Caching {
  readonly world: World;
  readonly bench: Bench;
  readonly pins: Pins;
  /** The same with another alpha, and with another model in place of the small one. */
  readonly others: Pins;
  /** `pipeline cache ...`. */
  cache(...words: readonly string[]): Promise<Ended>;
  /** The document that it prints with `--json`, and nothing besides. */
  told<T extends Document>(...words: readonly string[]): Promise<T>;
  /** `gc` without grace. */
  gc(...more: readonly string[]): Promise<Collected>;
  /** Realizes a version, in a target of its name unless told otherwise; it must go well. */
  realize(id: string, target?: string, more?: readonly string[]): Promise<void>;
  /** Expects that every byte of a target, and of the store behind it, is as it was realized. */
  expectWhole(id: string, target?: string): Promise<void>;
  /** Takes a version out of the project. */
  forget(id: string): void;
  /** A program of this folder, until it ends or is killed. */
  startProgram(name: string, order: unknown): Running;
}

/** Serves what is cached, and opens a bench for each test. */
export function caching(): Caching {
  let world: World;
  let pins: Pins;
  let others: Pins;
  let bench: Bench;
  beforeAll(async () => {
    world = await openWorld();
    pins = await smallEnvironment(world);
    const alpha = await world.node('alpha', { '__init__.py': 'ALPHA = 2\n' });
    const model = world.model('loras/other.safetensors', Buffer.alloc(700_000, 'other'));
    const nodes = pins.nodes.map((node) => (node['name'] === 'alpha' ? alpha : node));
    others = { ...pins, nodes, models: [pins.models[0]!, model] };
  });
  afterAll(() => world[Symbol.asyncDispose]());
  beforeEach(() => {
    bench = openBench();
    bench.lock('small', lockOf(pins));
  });
  afterEach(() => bench[Symbol.dispose]());
  const on: Caching = {
    get world() {
      return world;
    },
    get bench() {
      return bench;
    },
    get pins() {
      return pins;
    },
    get others() {
      return others;
    },
    cache: (...words) => bench.pipeline(['cache', ...words]),
    async told<T extends Document>(...words: readonly string[]) {
      const { exitCode, stdout, stderr } = await on.cache(...words, '--json');
      expect([exitCode, stderr]).toEqual([0, '']);
      return JSON.parse(stdout) as T;
    },
    gc: (...more) => on.told<Collected>('gc', '--grace', '0s', ...more),
    async realize(id, target = bench.at(id), more = []) {
      const { exitCode, stderr, stdout } = await bench.pipeline(['realize', id, '--target', target, ...more]);
      expect([exitCode, exitCode === 0 ? '' : stderr + stdout]).toEqual([0, '']);
    },
    async expectWhole(id, target = bench.at(id)) {
      const { exitCode, stdout } = await bench.pipeline(['verify', id, '--target', target]);
      expect([exitCode, stdout]).toEqual([0, expect.stringContaining('is as it was realized')]);
    },
    forget(id) {
      for (const path of [`versions/${id}.json`, `lockfiles/${id}.lock.json`]) rmSync(join(bench.project, path));
    },
    startProgram: (name, order) =>
      bench.start([], { under: [process.execPath, join(import.meta.dirname, name), JSON.stringify(order)] }),
  };
  return on;
}

/** The kinds of what was removed, each once, sorted. */
export const kindsOf = ({ removed }: Collected): readonly string[] =>
  [...new Set(removed.map(({ kind }) => kind))].toSorted();
