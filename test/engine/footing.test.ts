import { expect, test } from 'vitest';

import { blobOf } from '#cache';
import { footingOf, planFor, planKey, run } from '#engine';

import { hex, recorder, title } from '../rig/recorder.ts';
import { fakeWorld } from '../rig/workshop.ts';

test('a plan stands on every answer, and on the bytes of the last alone', async () => {
  const { fetch, pack } = recorder([]);
  const plan = planFor(pack({ name: 'p', files: [fetch({ name: 'a' }), fetch({ name: 'b' })] }));
  const world = fakeWorld();
  expect(await footingOf(plan, world)).toEqual({
    keys: new Set(),
    digests: new Set(),
    missing: ['fetch a', 'fetch b', 'pack p'],
  });
  await run(plan, title, world);
  const { keys, digests, missing } = await footingOf(plan, world);
  expect([keys, digests, missing]).toEqual([new Set(world.records.keys()), new Set(), []]);
});

test('where an answer is missing, the bytes that it is made of are needed', async () => {
  const { fetch, pack } = recorder([]);
  const world = fakeWorld();
  await run(planFor(fetch({ name: 'a' })), title, world);
  const { digests, missing } = await footingOf(planFor(pack({ name: 'p', files: [fetch({ name: 'a' })] })), world);
  expect([digests, missing]).toEqual([new Set([blobOf(hex('a'))]), ['pack p']]);
});

test('the key of a plan is that of what it will ask: not of mirrors, and of everything else', () => {
  const { fetch, pack } = recorder([]);
  const key = (name: string, ...mirrors: readonly string[]): string =>
    planKey(planFor(pack({ name: 'p', files: [fetch({ name, mirrors: [...mirrors] })] })));
  expect(key('a')).toMatch(/^[0-9a-f]{64}$/);
  expect(key('a', 'one')).toBe(key('a', 'two'));
  expect(key('a')).not.toBe(key('b'));
  expect(planKey(planFor(pack({ name: 'q', files: [fetch({ name: 'a' })] })))).not.toBe(key('a'));
});
