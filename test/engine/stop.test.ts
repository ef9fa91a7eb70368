import { expect, test } from 'vitest';
import * as z from 'zod';

import { defineTask, Failed, planFor, run, Stopped } from '#engine';
import { recorder, spec, title } from '../rig/recorder.ts';
import { fakeWorld } from '../rig/workshop.ts';

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

test('run() refuses an output that is not what the task promises', async () => {
  const liar = defineTask({ ...spec, name: 'liar', run: async () => 7 as unknown as string });
  const world = fakeWorld();
  const { failures } = await run(planFor(liar({ from: 'x' })), title, world);
  expect(failures[0]).toMatchObject({ kind: 'input', task: 'liar' });
  expect(world.records.size).toBe(0);
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
