import { expect, test } from 'vitest';
import * as z from 'zod';

import { Blob, blobOf } from '#cache';
import { defineTask, Failed, planFor, run, type Step } from '#engine';

import { fakeWorld, outcomes } from '../rig/workshop.ts';

const title = { pipeline: 'test', subject: 'x' };
const blob = (name: string): Blob => blobOf(Buffer.from(name.padEnd(32)).toString('hex'));
const gone = (path: string): Error => Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT', path });

/** A store from which things are taken: `takes` says what goes when a step begins, for each time that it does. */
function openWorld(takes: Readonly<Record<string, readonly (readonly string[])[]>>) {
  const world = fakeWorld({
    proves: (digest) => !world.lost.has(digest),
    isLoss: (thrown) => (thrown as { readonly code?: string }).code === 'ENOENT',
  });
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
      const time = ran.filter((one) => one === name).length;
      ran.push(name);
      for (const taken of takes[name]?.[time] ?? []) world.lost.add(blob(taken));
      const missing = of.find(({ file }) => world.lost.has(file));
      if (missing !== undefined) throw gone(missing.file);
      world.lost.delete(blob(name));
      return { file: blob(name) };
    },
  });
  const make = (name: string, ...of: readonly Step<{ file: Blob }>[]): Step<{ file: Blob }> => task({ name, of });
  return { world, make, ran };
}

test('what is taken away while a step uses it is made again, and then the step', async () => {
  const { world, make, ran } = openWorld({ top: [['a']] });
  const { summary } = await run(planFor(make('top', make('a'), make('b'))), title, world);
  expect(ran.toSorted()).toEqual(['a', 'a', 'b', 'top', 'top']);
  expect(summary).toMatchObject({ ok: true, built: 3, failed: 0 });
});

test('it is made again however deep it lies', async () => {
  const { world, make, ran } = openWorld({ top: [['bottom', 'middle']] });
  const { summary } = await run(planFor(make('top', make('middle', make('bottom')))), title, world);
  expect(ran).toEqual(['bottom', 'middle', 'top', 'bottom', 'middle', 'top']);
  expect(summary.ok).toBe(true);
});

test('two steps that miss the same thing have it made once more, not twice', async () => {
  const { world, make, ran } = openWorld({ one: [['a']], two: [['a']] });
  const plan = planFor(make('top', make('one', make('a')), make('two', make('a'))));
  const { summary } = await run(plan, title, world);
  expect(summary.ok).toBe(true);
  expect(ran.filter((name) => name === 'a').length).toBeLessThanOrEqual(3);
});

test('each step starts once and finishes once, and a person is told what came back', async () => {
  const { world, make } = openWorld({ top: [['a'], ['a']] });
  await run(planFor(make('top', make('a'))), title, world);
  const told = (type: string): number => world.events.filter((event) => event.type === type).length;
  expect([told('step.started'), told('step.finished')]).toEqual([2, 2]);
  expect(outcomes(world.events)).toEqual({ 'make a': 'built', 'make top': 'built' });
  expect(world.events).toContainEqual(
    expect.objectContaining({ type: 'note', text: expect.stringMatching(/^It was taken/), step: 0 }),
  );
});

test('what a step itself found and lost is looked for again', async () => {
  const world = fakeWorld({ isLoss: (thrown) => (thrown as { readonly code?: string }).code === 'ENOENT' });
  let times = 0;
  const alone = defineTask({
    name: 'alone',
    revision: 1,
    resource: 'cpu',
    input: z.object({}),
    output: z.object({}),
    title: () => 'alone',
    async run() {
      if ((times += 1) === 1) throw gone('/store/blobs/aa/x');
      return {};
    },
  });
  expect((await run(planFor(alone({})), title, world)).summary.ok).toBe(true);
  expect(times).toBe(2);
});

test('a failure that is no loss is final, and what is lost for ever fails in the end', async () => {
  const { world, make, ran } = openWorld({ top: Array.from({ length: 99 }, () => ['a']) });
  const { failures } = await run(planFor(make('top', make('a'))), title, world);
  expect(failures).toHaveLength(1);
  expect(ran.filter((name) => name === 'top')).toHaveLength(5);
  const other = fakeWorld({ isLoss: () => false });
  let times = 0;
  const failing = defineTask({
    name: 'failing',
    revision: 1,
    resource: 'cpu',
    input: z.object({ of: z.object({ file: Blob }) }),
    output: z.object({}),
    title: () => 'failing',
    async run() {
      times += 1;
      throw new Failed({ kind: 'absent', what: 'a thing' });
    },
  });
  const { make: makeOther } = openWorld({});
  await run(planFor(failing({ of: makeOther('a') })), title, other);
  expect(times).toBe(1);
});
