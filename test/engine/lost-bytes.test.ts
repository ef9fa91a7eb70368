import { expect, test } from 'vitest';
import * as z from 'zod';

import { Blob, blobOf } from '#cache';
import { defineTask, Failed, planFor, run, type Step } from '#engine';

import { fakeWorld, outcomes } from '../rig/workshop.ts';

const title = { pipeline: 'test', subject: 'x' };
const blob = (name: string): Blob => blobOf(Buffer.from(name.padEnd(32)).toString('hex'));

/** Steps whose every run is noted in `ran`, each of which yields a blob named by it. `isOffline` makes those without needs fail. */
function recorder({ isOffline = false } = {}) {
  const ran: string[] = [];
  const task = defineTask({
    name: 'make',
    revision: 1,
    resource: 'cpu',
    input: z.object({ name: z.string(), of: z.array(z.object({ file: Blob })) }),
    output: z.object({ file: Blob }),
    about: ({ name }) => name,
    title: ({ name }) => name,
    async run({ name, of }) {
      ran.push(name);
      if (isOffline && of.length === 0) throw new Failed({ kind: 'offline', missing: [name] });
      return { file: blob(name) };
    },
  });
  const make = (name: string, ...of: readonly Step<{ file: Blob }>[]): Step<{ file: Blob }> => task({ name, of });
  return { make, ran };
}

test('run() makes lost bytes again at whatever depth, though the steps between are on record', async () => {
  const world = fakeWorld();
  const before = recorder();
  await run(planFor(before.make('top', before.make('middle', before.make('bottom')))), title, world);
  for (const name of ['middle', 'bottom']) world.lost.add(blob(name));
  world.events.length = 0;
  const { make, ran } = recorder();
  await run(planFor(make('another top', make('middle', make('bottom')))), title, world);
  expect(ran).toEqual(['bottom', 'middle', 'another top']);
  expect(outcomes(world.events)).toEqual({
    'make bottom': 'built',
    'make middle': 'built',
    'make another top': 'built',
  });
  expect(world.events.filter(({ type }) => type === 'step.finished')).toHaveLength(3);
});

test('run() tells of lost bytes of a step that something else stops already', async () => {
  const world = fakeWorld();
  const before = recorder();
  await run(planFor(before.make('old top', before.make('a'), before.make('b'))), title, world);
  world.lost.add(blob('a'));
  const { make } = recorder({ isOffline: true });
  const { summary } = await run(planFor(make('top', make('a'), make('new'), make('b'))), title, world);
  expect(summary).toMatchObject({ ok: false, failed: 2, cached: 1, skipped: 1, missing: ['a', 'new'], exit_code: 5 });
});

/** Ten thousand steps, each of which needs the one before. */
function chain(): Step<{ file: Blob }> {
  const { make } = recorder();
  let step = make('first');
  for (let n = 1; n <= 10_000; n++) step = make(String(n), step);
  return step;
}

test('run() ends ten thousand cached steps in a row', async () => {
  const world = fakeWorld();
  await run(planFor(chain()), title, world);
  expect((await run(planFor(chain()), title, world)).summary).toMatchObject({ ok: true, built: 0, cached: 10_001 });
});
