import { expect, test } from 'vitest';
import * as z from 'zod';

import { defineTask, type Event, planFor, run } from '#engine';
import { recorder, spec, title } from '../rig/recorder.ts';
import { fakeWorld } from '../rig/workshop.ts';

const finished = (events: readonly Event[]) => events.filter((event) => event.type === 'step.finished');

test('a run announces of each step what it waits for and which steps it needs', async () => {
  const { fetch, pack } = recorder([]);
  const world = fakeWorld();
  await run(planFor(pack({ name: 'p', files: [fetch({ name: 'a' }), fetch({ name: 'b' })] })), title, world);
  expect(world.events[0]).toMatchObject({
    type: 'run.started',
    steps: [
      { step: 0, resource: 'network' },
      { step: 1, resource: 'network' },
      { step: 2, resource: 'cpu', needs: [0, 1] },
    ],
  });
});

test('a step tells how long it was ready and waited for others of its resource', async () => {
  const began: string[] = [];
  const hold = defineTask({
    ...spec,
    name: 'hold',
    async run({ from }) {
      began.push(from);
      // The other one is in the queue by then; and it is there for as long as this clock is watched.
      await new Promise(setImmediate);
      const until = performance.now() + 20;
      while (performance.now() < until);
      return 'done';
    },
  });
  const all = defineTask({ ...spec, name: 'all', input: z.object({ from: z.array(z.string()) }) });
  const world = fakeWorld({ limits: { network: 1, cpu: 1, disk: 1 } });
  await run(planFor(all({ from: [hold({ from: 'a' }), hold({ from: 'b' })] })), title, world);
  const waited = world.events.flatMap((event) => (event.type === 'step.started' ? [event.waited_ms] : []));
  expect(began).toEqual(['a', 'b']);
  expect(waited[1]).toBeGreaterThanOrEqual(19);
});

test('a step tells what it fetched; one that was cached, what making it took', async () => {
  const get = defineTask({
    ...spec,
    name: 'get',
    async run({ from }, { report }) {
      report.fetched(from.length);
      report.fetched(1000);
      return 'done';
    },
  });
  const world = fakeWorld();
  const plan = planFor(get({ from: 'abc' }));
  await run(plan, title, world);
  expect(finished(world.events)).toMatchObject([{ outcome: 'built', bytes_fetched: 1003 }]);
  for (const [key, answer] of world.records) world.records.set(key, { ...answer, ms: 1234 });
  world.events.length = 0;
  await run(plan, title, world);
  expect(finished(world.events)).toMatchObject([{ outcome: 'cached', ms_saved: 1234 }]);
  expect(finished(world.events)[0]).not.toHaveProperty('bytes_fetched');
});
