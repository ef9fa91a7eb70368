import { expect, test } from 'vitest';
import * as z from 'zod';

import { type Answer, Blob, blobOf } from '#cache';
import { definePlaced, defineQuestion, defineTask, Failed, forecast, planFor, run, type Step, Stopped } from '#engine';

import type { Target } from '../../engine/workshop.ts';
import { fakeWorld, outcomes } from '../rig/workshop.ts';

const title = { pipeline: 'test', subject: 'x' };
const hex = (letter: string): string => letter.repeat(64);

/** A task whose every run is noted in `ran`, and which yields a blob named by its input. */
function recorder(ran: string[], fail: (name: string) => void = () => {}) {
  const fetch = defineTask({
    name: 'fetch',
    revision: 1,
    resource: 'network',
    input: z.object({ name: z.string(), mirrors: z.array(z.string()).default([]) }),
    output: z.object({ file: Blob }),
    about: ({ name }) => name,
    title: ({ name }) => `Fetch ${name}`,
    identity: ({ name }) => ({ name }),
    bytes: () => 10,
    async run({ name }) {
      ran.push(`fetch ${name}`);
      fail(name);
      return { file: blobOf(hex(name.slice(0, 1))) };
    },
  });
  const pack = defineTask({
    name: 'pack',
    revision: 1,
    resource: 'cpu',
    input: z.object({ name: z.string(), files: z.array(z.object({ file: Blob })) }),
    output: z.object({ file: Blob }),
    about: ({ name }) => name,
    title: ({ name }) => `Pack ${name}`,
    async run({ name, files }) {
      ran.push(`pack ${name}`);
      fail(name);
      return { file: blobOf(hex(files.length > 1 ? 'e' : 'f')) };
    },
  });
  return { fetch, pack };
}

test('run() runs nothing the second time', async () => {
  const ran: string[] = [];
  const { fetch, pack } = recorder(ran);
  const plan = planFor(pack({ name: 'p', files: [fetch({ name: 'a' }), fetch({ name: 'b' })] }));
  const world = fakeWorld();
  expect((await run(plan, title, world)).summary).toMatchObject({ ok: true, built: 3, cached: 0, exit_code: 0 });
  const again = await run(plan, title, world);
  expect(again.summary).toMatchObject({ ok: true, built: 0, cached: 3 });
  expect(again.output).toEqual({ file: blobOf(hex('e')) });
  expect(ran).toEqual(['fetch a', 'fetch b', 'pack p']);
});

test('run() does not ask for more than the identity names: a new mirror fetches nothing', async () => {
  const ran: string[] = [];
  const { fetch } = recorder(ran);
  const world = fakeWorld();
  await run(planFor(fetch({ name: 'a', mirrors: ['one'] })), title, world);
  await run(planFor(fetch({ name: 'a', mirrors: ['two'] })), title, world);
  expect(ran).toEqual(['fetch a']);
});

test('run() stops at a dependency that was made anew and came out the same', async () => {
  const ran: string[] = [];
  const { fetch, pack } = recorder(ran);
  const world = fakeWorld();
  await run(planFor(pack({ name: 'p', files: [fetch({ name: 'a1' })] })), title, world);
  await run(planFor(pack({ name: 'p', files: [fetch({ name: 'a2' })] })), title, world);
  expect(ran).toEqual(['fetch a1', 'pack p', 'fetch a2']);
});

test('run() does not miss bytes that nobody needs', async () => {
  const ran: string[] = [];
  const { fetch, pack } = recorder(ran);
  const plan = planFor(pack({ name: 'p', files: [fetch({ name: 'a' })] }));
  const world = fakeWorld();
  await run(plan, title, world);
  world.lost.add(blobOf(hex('a')));
  expect((await run(plan, title, world)).summary).toMatchObject({ built: 0, cached: 2 });
  expect(ran.length).toBe(2);
});

test('run() makes lost bytes again for whoever needs them, and finishes each step once', async () => {
  const ran: string[] = [];
  const { fetch, pack } = recorder(ran);
  const world = fakeWorld();
  await run(planFor(pack({ name: 'p', files: [fetch({ name: 'a' })] })), title, world);
  world.lost.add(blobOf(hex('a')));
  world.events.length = 0;
  await run(planFor(pack({ name: 'other', files: [fetch({ name: 'a' })] })), title, world);
  expect(outcomes(world.events)).toEqual({ 'fetch a': 'built', 'pack other': 'built' });
  expect(world.events.filter(({ type }) => type === 'step.finished').length).toBe(2);
});

test('run() proves the goal itself', async () => {
  const ran: string[] = [];
  const { fetch } = recorder(ran);
  const world = fakeWorld();
  await run(planFor(fetch({ name: 'a' })), title, world);
  world.lost.add(blobOf(hex('a')));
  await run(planFor(fetch({ name: 'a' })), title, world);
  expect(ran).toEqual(['fetch a', 'fetch a']);
});

test('run() runs equal questions once', async () => {
  const ran: string[] = [];
  const { fetch, pack } = recorder(ran);
  const files = [fetch({ name: 'a', mirrors: ['one'] }), fetch({ name: 'a', mirrors: ['two'] })];
  const { summary } = await run(planFor(pack({ name: 'p', files })), title, fakeWorld());
  expect(ran).toEqual(['fetch a', 'pack p']);
  expect(summary).toMatchObject({ built: 2, cached: 1 });
});

test('run() asks a question about today every time', async () => {
  let asked = 0;
  const today = defineQuestion({
    name: 'today',
    revision: 1,
    resource: 'network',
    input: z.object({}),
    output: z.number(),
    title: () => 'Today',
    run: async () => ++asked,
  });
  const world = fakeWorld();
  await run(planFor(today({})), title, world);
  expect((await run(planFor(today({})), title, world)).output).toBe(2);
});

test('run() stops at the first failure, and says whom it skipped for it', async () => {
  const { fetch, pack } = recorder([], (name) => {
    if (name === 'bad') throw new Failed({ kind: 'integrity', what: 'bad', expected: '1', actual: '2' });
  });
  const world = fakeWorld();
  const { summary, failures } = await run(planFor(pack({ name: 'p', files: [fetch({ name: 'bad' })] })), title, world);
  expect(summary).toMatchObject({ ok: false, failed: 1, skipped: 1, exit_code: 4 });
  expect(failures).toEqual([{ kind: 'integrity', what: 'bad', expected: '1', actual: '2' }]);
  expect(world.events.at(-1)).toMatchObject({ type: 'step.finished', outcome: 'skipped', because: 0 });
});

test('run() with keepGoing runs everything that is not downstream of a failure', async () => {
  const ran: string[] = [];
  const { fetch, pack } = recorder(ran, (name) => {
    if (name === 'bad') throw new Failed({ kind: 'absent', what: 'bad' });
  });
  const files = [fetch({ name: 'bad' }), pack({ name: 'good', files: [fetch({ name: 'fine' })] })];
  const { summary } = await run(planFor(pack({ name: 'top', files })), title, fakeWorld({ keepGoing: true }));
  expect(ran.toSorted()).toEqual(['fetch bad', 'fetch fine', 'pack good']);
  expect(summary).toMatchObject({ built: 2, failed: 1, skipped: 1, exit_code: 3 });
});

test('run() tries transient network failures again, and honours Retry-After', async () => {
  let attempts = 0;
  const { fetch } = recorder([], () => {
    if (++attempts === 1)
      throw new Failed({ kind: 'network', url: 'u', problem: 'busy', transient: true, retryAfterMs: 7000 });
    if (attempts === 2) throw new Failed({ kind: 'network', url: 'u', problem: 'reset', transient: true });
  });
  const world = fakeWorld();
  expect((await run(planFor(fetch({ name: 'a' })), title, world)).summary.ok).toBe(true);
  expect(world.waits[0]).toBe(7000);
  expect(world.waits[1]).toBeGreaterThanOrEqual(1000);
  expect(world.waits.length).toBe(2);
});

test('run() gives up after five attempts, and at once when trying again cannot help', async () => {
  let attempts = 0;
  const { fetch } = recorder([], (name) => {
    attempts++;
    throw new Failed({ kind: 'network', url: 'u', problem: 'no', transient: name === 'a' });
  });
  expect((await run(planFor(fetch({ name: 'a' })), title, fakeWorld())).summary.exit_code).toBe(5);
  expect(attempts).toBe(5);
  await run(planFor(fetch({ name: 'b' })), title, fakeWorld());
  expect(attempts).toBe(6);
});

test('run() retries nothing but network steps', async () => {
  let attempts = 0;
  const { pack } = recorder([], () => {
    attempts++;
    throw new Failed({ kind: 'network', url: 'u', problem: 'no', transient: true });
  });
  await run(planFor(pack({ name: 'p', files: [] })), title, fakeWorld());
  expect(attempts).toBe(1);
});

test('run() that is stopped skips what is left, ends what runs, and exits as the signal says', async () => {
  const stop = new AbortController();
  const seen: boolean[] = [];
  const long = defineTask({
    name: 'long',
    revision: 1,
    resource: 'cpu',
    input: z.object({}),
    output: z.string(),
    title: () => 'Long',
    async run(_, { signal }) {
      stop.abort(new Stopped(143));
      seen.push(signal.aborted);
      signal.throwIfAborted();
      return 'never';
    },
  });
  const after = defineTask({ ...spec, name: 'after', input: z.object({ from: z.string() }) });
  const { summary } = await run(planFor(after({ from: long({}) })), title, fakeWorld({ signal: stop.signal }));
  expect(seen).toEqual([true]);
  expect(summary).toMatchObject({ ok: false, built: 0, failed: 0, skipped: 2, exit_code: 143 });
});

const spec = {
  name: 'plain',
  revision: 1,
  resource: 'cpu',
  input: z.object({ from: z.string() }),
  output: z.string(),
  title: () => 'Plain',
  run: async () => 'done',
} as const;

test('run() refuses an output that is not what the task promises', async () => {
  const liar = defineTask({ ...spec, name: 'liar', run: async () => 7 as unknown as string });
  const world = fakeWorld();
  const { failures } = await run(planFor(liar({ from: 'x' })), title, world);
  expect(failures[0]).toMatchObject({ kind: 'input', task: 'liar' });
  expect(world.records.size).toBe(0);
});

test('run() takes a record that the schema no longer fits for a miss', async () => {
  const ran: string[] = [];
  const { fetch } = recorder(ran);
  const world = fakeWorld();
  await run(planFor(fetch({ name: 'a' })), title, world);
  for (const [key, answer] of world.records) world.records.set(key, { ...answer, output: { file: 'rubbish' } });
  expect((await run(planFor(fetch({ name: 'a' })), title, world)).summary.built).toBe(1);
});

test('a bug in a task is a bug, with its stack', async () => {
  const broken = defineTask({
    ...spec,
    run: async () => {
      throw new TypeError('oops');
    },
  });
  const { failures, summary } = await run(planFor(broken({ from: 'x' })), title, fakeWorld());
  expect(failures[0]).toMatchObject({ kind: 'bug', message: 'oops' });
  expect(summary.exit_code).toBe(70);
});

test('run() never runs more steps of a resource at once than its limit', async () => {
  let running = 0;
  let most = 0;
  const busy = defineTask({
    ...spec,
    name: 'busy',
    run: async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      return 'done';
    },
  });
  const steps: Step<string>[] = Array.from({ length: 20 }, (_, n) => busy({ from: `${n}` }));
  const all = defineTask({ ...spec, name: 'all', input: z.object({ from: z.array(z.string()) }) });
  await run(planFor(all({ from: steps })), title, fakeWorld({ limits: { network: 9, cpu: 3, disk: 9 } }));
  expect(most).toBe(3);
});

test('run() with verify reads every byte again', async () => {
  const { fetch } = recorder([]);
  const world = fakeWorld();
  await run(planFor(fetch({ name: 'a' })), title, world);
  const rehashed: unknown[] = [];
  const verifying = {
    ...world,
    verify: true,
    proves: (digest: string, how?: object) => rehashed.push([digest, how]) > 0,
  };
  await run(planFor(fetch({ name: 'a' })), title, verifying);
  expect(rehashed).toEqual([[blobOf(hex('a')), { rehash: true }]]);
});

test('whoever waited for another process takes what that process made', async () => {
  const ran: string[] = [];
  const { fetch } = recorder(ran);
  const world = fakeWorld();
  const other = fakeWorld();
  await run(planFor(fetch({ name: 'a' })), title, other);
  const claims = {
    hold: async <T>(_: string, work: () => Promise<T>): Promise<T> => {
      for (const [key, answer] of other.records) world.records.set(key, answer);
      return work();
    },
  };
  await run(planFor(fetch({ name: 'a' })), title, { ...world, claims });
  expect(ran).toEqual(['fetch a']);
});

test('forecast() tells hits, misses and what depends on them, and runs nothing', async () => {
  const ran: string[] = [];
  const { fetch, pack } = recorder(ran);
  const world = fakeWorld();
  await run(planFor(pack({ name: 'p', files: [fetch({ name: 'a' })] })), title, world);
  const plan = planFor(pack({ name: 'q', files: [fetch({ name: 'a' }), fetch({ name: 'b' })] }));
  ran.length = 0;
  expect((await forecast(plan, world)).map(({ name, prospect, bytes }) => [name, prospect, bytes])).toEqual([
    ['fetch a', 'hit', undefined],
    ['fetch b', 'miss', 10],
    ['pack q', 'open', undefined],
  ]);
  world.lost.add(blobOf(hex('a')));
  expect((await forecast(plan, world))[0]).toMatchObject({ prospect: 'miss', bytes: 10 });
  expect(ran).toEqual([]);
});

test('run() takes the word of fingerprints for what is placed, until it is told to verify', async () => {
  const ran: string[] = [];
  const place = definePlaced({
    name: 'place',
    revision: 1,
    resource: 'disk',
    input: z.object({ name: z.string() }),
    output: z.object({ slot: z.string() }),
    title: ({ name }) => name,
    slot: ({ name }) => name,
    async run({ name }) {
      ran.push(name);
      return { slot: name };
    },
  });
  const answers = new Map<string, Answer>();
  const site = {
    holds: () => true,
    verifies: async (slot: string) => slot !== 'damaged',
    pending: () => false,
    answer: (slot: string) => answers.get(slot),
    stageAnswer: (slot: string, answer: Answer) => void answers.set(slot, answer),
  };
  const target = { site } as unknown as Target;
  const both = (verify: boolean) =>
    Promise.all(
      ['damaged', 'sound'].map((name) => run(planFor(place({ name })), title, fakeWorld({ target, verify }))),
    );
  await both(false);
  await both(false);
  expect(ran).toEqual(['damaged', 'sound']);
  await both(true);
  expect(ran).toEqual(['damaged', 'sound', 'damaged']);
});
