import { expect, test } from 'vitest';
import * as z from 'zod';

import { type Answer, blobOf } from '#cache';
import { definePlaced, defineQuestion, defineTask, forecast, planFor, run, type Step, type Target } from '#engine';
import { hex, recorder, spec, title } from '../rig/recorder.ts';
import { fakeWorld, outcomes } from '../rig/workshop.ts';

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

test('run() takes a record that the schema no longer fits for a miss', async () => {
  const ran: string[] = [];
  const { fetch } = recorder(ran);
  const world = fakeWorld();
  await run(planFor(fetch({ name: 'a' })), title, world);
  for (const [key, answer] of world.records) world.records.set(key, { ...answer, output: { file: 'rubbish' } });
  expect((await run(planFor(fetch({ name: 'a' })), title, world)).summary.built).toBe(1);
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

test('of the steps that are ready, run() starts the heaviest first', async () => {
  const ran: string[] = [];
  const heavy = defineTask({
    ...spec,
    name: 'heavy',
    input: z.object({ from: z.string(), weight: z.number().optional() }),
    identity: ({ from }) => from,
    weight: ({ weight }) => weight,
    run: async ({ from }) => {
      ran.push(from);
      return from;
    },
  });
  const weights = { first: undefined, a: undefined, b: 1, c: 30, d: undefined, e: 2 };
  const steps: Step<string>[] = Object.entries(weights).map(([from, weight]) =>
    heavy(weight === undefined ? { from } : { from, weight }),
  );
  const all = defineTask({ ...spec, name: 'all', input: z.object({ from: z.array(z.string()) }) });
  await run(planFor(all({ from: steps })), title, fakeWorld({ limits: { network: 1, cpu: 1, disk: 1 } }));
  // Nobody waits for something heavier than what is ready.
  expect(ran).toEqual(['first', 'c', 'e', 'b', 'a', 'd']);
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
    slots: () => [],
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
