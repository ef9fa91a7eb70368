import { expect, test } from 'vitest';
import * as z from 'zod';

import { definePlaced, defineQuestion, planFor, run, type Target } from '#engine';
import { recorder, title } from '../rig/recorder.ts';
import { fakeWorld } from '../rig/workshop.ts';

test('run() proves what is placed while it waits for the rest, where nothing is placed yet', async () => {
  const { fetch } = recorder([]);
  const input = z.object({ fetched: z.object({ file: z.string() }), after: z.string() });
  const place = definePlaced({
    name: 'place',
    revision: 1,
    resource: 'disk',
    input,
    output: z.string(),
    title: () => 'place',
    slot: () => 'slot',
    run: async ({ after }) => after,
  });
  const proof = Promise.withResolvers<string>();
  const slow = defineQuestion({
    name: 'slow',
    revision: 1,
    resource: 'disk',
    input: z.object({}),
    output: z.string(),
    title: () => 'slow',
    run: async () => proof.promise,
  });
  const site = { slots: () => [], answer: () => undefined, stageAnswer: () => {} };
  const target = { site } as unknown as Target;
  const proves = (): boolean => {
    proof.resolve('proven');
    return true;
  };
  const world = fakeWorld({ proves });
  await run(planFor(fetch({ name: 'a' })), title, { ...world, proves: () => true });
  const ran = await run(planFor(place({ fetched: fetch({ name: 'a' }), after: slow({}) })), title, {
    ...world,
    target,
  });
  expect(ran.output).toBe('proven');
});
