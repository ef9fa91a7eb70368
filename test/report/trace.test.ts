import fc from 'fast-check';
import { expect, test } from 'vitest';

import { planFor, run } from '#engine';
import { takeDown } from '../../pipelines/cli/take-down.ts';
import { modelOf } from '../../pipelines/cli/report/run-model.ts';
import { traceOf } from '../../pipelines/cli/report/trace.ts';
import { failure } from '../cli/runs.ts';
import { recorder, title } from '../rig/recorder.ts';
import { fakeWorld } from '../rig/workshop.ts';
import { broken, head, large } from './chronicles.ts';
import { checkTrace } from './trace.ts';

test('a trace has a track for each place of a resource, and each step once', () => {
  const model = modelOf(large());
  const events = checkTrace(traceOf([model]));
  const tracks = events.flatMap(({ name, args }) => (name === 'thread_name' ? [args?.['name']] : []));
  expect(tracks).toEqual([
    'notes',
    'records',
    ...Array.from({ length: 8 }, (_, n) => `network ${n + 1}`),
    'cpu 1',
    'cpu 2',
    ...tracks.filter((track) => String(track).startsWith('disk ')),
  ]);
  const told = events.filter(({ ph, args }) => (ph === 'X' || ph === 'i') && args?.['task'] !== undefined);
  expect(told.map(({ name }) => name).toSorted()).toEqual(model.steps.map(({ name }) => name).toSorted());
  expect(told.find(({ name }) => name.startsWith('fetch-core'))).toMatchObject({
    ph: 'X',
    dur: 5_200_000,
    args: { task: 'fetch-core', outcome: 'built', bytes: 41_000_000, key: expect.stringMatching(/^\d{64}$/) as string },
  });
});

test('queues are counters that end at nothing', () => {
  const events = checkTrace(traceOf([modelOf(large())]));
  const queues = Map.groupBy(
    events.filter(({ ph }) => ph === 'C'),
    ({ name }) => name,
  );
  expect([...queues.keys()]).toContain('network queue');
  for (const counts of queues.values()) expect(counts.at(-1)?.args).toEqual({ waiting: 0 });
});

test('retries and notes are instants, and a failure says what it is', () => {
  const events = checkTrace(traceOf([modelOf(broken())]));
  expect(events.filter(({ cat }) => cat === 'retry')).toHaveLength(2);
  expect(events.filter(({ ph, cat }) => ph === 'i' && (cat === 'warning' || cat === 'info'))).toHaveLength(2);
  const failed = events.filter(({ args }) => args?.['outcome'] === 'failed');
  expect(failed).toHaveLength(4);
  for (const { args } of failed) expect(args?.['failure']).toEqual(expect.any(String));
});

test('several runs of one command are a process each, one after another', () => {
  const first = large();
  const second = { ...large(), head: { ...head, at: '2026-03-01T17:06:00.000Z' } };
  const events = checkTrace(traceOf([modelOf(first), modelOf(second)]));
  expect(new Set(events.map(({ pid }) => pid))).toEqual(new Set([1, 2]));
  const begins = [1, 2].map((pid) => events.find((event) => event.pid === pid && event.ph === 'X')!.ts);
  expect(begins[1]! - begins[0]!).toBe(60_000_000);
});

test('whatever a real run did: its trace is in order, and no track has two steps at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      async (count, most, fails) => {
        const { fetch, pack } = recorder([], (name) => {
          if (fails && name.endsWith('3')) throw new Error('no luck');
        });
        const limits = { network: most, cpu: most, disk: most };
        const minutes = takeDown();
        const files = Array.from({ length: count }, (_, n) => fetch({ name: `a${n}` }));
        const world = fakeWorld({ limits, emit: minutes.hear });
        const { summary } = await run(planFor(pack({ name: 'p', files })), title, world);
        minutes.hear({ type: 'run.finished', ...summary });
        const model = modelOf({ head: { ...head, limits }, moments: minutes.moments() });
        const events = checkTrace(traceOf([model]));
        const tracks = events.filter(
          ({ name, args }) => name === 'thread_name' && String(args?.['name']).startsWith('network'),
        );
        expect(tracks.length).toBeLessThanOrEqual(most);
      },
    ),
    { numRuns: 60 },
  );
});

test('what is taken down is bounded: the last lines of steps that did not end well, no progress, so many notes', () => {
  let now = 0;
  const minutes = takeDown(() => now++);
  const line = { task: 'a', name: 'a', title: 'a' };
  minutes.hear({ type: 'run.started', ...title, steps: [{ step: 0, ...line }] });
  for (let n = 0; n < 3000; n++) {
    minutes.hear({ type: 'step.output', step: 0, line: `good ${n}` });
    minutes.hear({ type: 'step.output', step: 1, line: `bad ${n} ${'x'.repeat(5000)}` });
    minutes.hear({ type: 'step.progress', step: 1, done: n, unit: 'bytes' });
    minutes.hear({ type: 'note', level: 'info', text: `${n}` });
  }
  minutes.hear({ type: 'step.finished', step: 0, ...line, ms: 1, outcome: 'built' });
  minutes.hear({ type: 'step.finished', step: 1, ...line, ms: 1, outcome: 'failed', failure: { kind: 'cancelled' } });
  const moments = minutes.moments();
  const lines = moments.flatMap((moment) => (moment.type === 'step.output' ? [moment.line] : []));
  expect(lines).toHaveLength(40);
  expect(lines.every((text) => text.startsWith('bad 29') && text.length <= 2000)).toBe(true);
  expect(moments.filter(({ type }) => type === 'note')).toHaveLength(1000);
  expect(moments.filter(({ type }) => type === 'step.progress')).toEqual([]);
  expect(moments.map(({ at_ms: at }) => at)).toEqual(moments.map(({ at_ms: at }) => at).toSorted((a, b) => a - b));
});

test('what comes within one tick of the clock is taken down in its order', () => {
  const minutes = takeDown(() => 0);
  for (const [, event] of failure) minutes.hear(event);
  const kept = failure.map(([, event]) => event).filter(({ type }) => type !== 'step.progress');
  expect(minutes.moments().map(({ at_ms: _, ...event }) => event)).toEqual(kept);
});
