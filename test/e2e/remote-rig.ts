import { afterAll, afterEach, beforeAll } from 'vitest';

import { hasNginx, type Nginx, startNginx, writer } from '../rig/nginx.ts';
import { type Bench, copyTree, type Ended, openBench } from './rig.ts';
import { lockOf, openWorld, type Pins, smallEnvironment, type World } from './world.ts';

/** Machines that have nothing but a project with the small environment, and a remote cache of a real nginx. */
export interface Machines {
  readonly world: World;
  readonly pins: Pins;
  /** The remote of this file. */
  readonly remote: Nginx;
  /** A machine of this test. */
  machine(change?: Partial<Pins>): Bench;
  /** Keeps a bench for this test. */
  add(bench: Bench): Bench;
  /** Starts a remote that holds what the one of this file does. */
  filled(): Promise<Nginx>;
  /** The pins, with one node at a new commit. */
  changed(text: string): Promise<Partial<Pins>>;
}

/** Starts the servers for the tests of one file. */
export function machines(): Machines {
  const benches: Bench[] = [];
  let world: World;
  let pins: Pins;
  let remote: Nginx;
  beforeAll(async () => {
    world = await openWorld();
    pins = await smallEnvironment(world);
    if (hasNginx) remote = await startNginx();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    if (hasNginx) await remote[Symbol.asyncDispose]();
  });
  afterEach(() => {
    for (const bench of benches.splice(0)) bench[Symbol.dispose]();
  });
  const add = (bench: Bench): Bench => (benches.push(bench), bench);
  return {
    get world() {
      return world;
    },
    get pins() {
      return pins;
    },
    get remote() {
      return remote;
    },
    add,
    machine(change = {}) {
      const bench = add(openBench());
      bench.lock('small', lockOf({ ...pins, ...change }));
      return bench;
    },
    async filled() {
      const started = await startNginx();
      copyTree(remote.objects, started.objects);
      return started;
    },
    async changed(text) {
      return { nodes: [...pins.nodes.slice(1), await world.node('alpha', { '__init__.py': text })] };
    },
  };
}

/** The variables by which a writer finds a remote. */
export const variablesFor = ({ origin }: Nginx): Readonly<Record<string, string>> => ({
  PIPELINE_REMOTE_CACHE: origin,
  PIPELINE_REMOTE_CACHE_USER: writer.user,
  PIPELINE_REMOTE_CACHE_PASSWORD: writer.password,
});

/** The artifacts that a run made anew. */
export const madeAnew = ({ built }: Ended): readonly string[] =>
  built.filter((name) => /^(?:fetch|unpack|snapshot)-|^build-wheel/.test(name));

/** What a run told of the remote: everything but how much came and went. */
export const told = ({ notes }: Ended): readonly string[] =>
  notes.filter((text) => text.startsWith('The remote cache'));

/** The requests that changed something. */
export const puts = ({ requests }: Nginx): readonly string[] => requests().filter((line) => line.startsWith('PUT '));
