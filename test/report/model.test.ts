import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseChronicle, renderChronicle } from '../../pipelines/cli/chronicle.ts';
import { ticksFor } from '../../pipelines/cli/report/draw-timeline.ts';
import { groupSteps } from '../../pipelines/cli/report/group-steps.ts';
import { lanesOf, queueOf } from '../../pipelines/cli/report/lanes.ts';
import { layOutGroups, type Placed } from '../../pipelines/cli/report/layout-graph.ts';
import { modelOf, type RunModel } from '../../pipelines/cli/report/run-model.ts';
import { criticalPath, slowest, verdictOf } from '../../pipelines/cli/report/told.ts';
import { broken, chronicleOf, large } from './chronicles.ts';

const measures = { width: 200, heightOf: () => 60, between: { columns: 40, rows: 10 } };
const nameOf = ({ steps }: RunModel, id: number): string => steps[id]!.name;

/** A chain, and beside it a longer step that it does not wait for. */
const forked = modelOf(
  chronicleOf([
    { task: 'get', about: 'a', resource: 'network', ms: 100 },
    { task: 'make', about: 'a', resource: 'cpu', ms: 200, needs: [0] },
    { task: 'get', about: 'b', resource: 'network', ms: 250 },
    { task: 'use', about: 'both', resource: 'disk', ms: 10, needs: [1, 2] },
  ]),
);

test('a chronicle is read back as it was written; one that is torn or of another format is none', () => {
  const text = renderChronicle(large());
  expect(parseChronicle(text)).toEqual(large());
  const lines = text.trimEnd().split('\n');
  for (const damaged of [
    '',
    'rubbish',
    lines.slice(0, -1).join('\n'),
    text.slice(0, -40),
    text.replace('"format":1', '"format":2'),
    text.replace('"ms":5200', '"ms":"<b>"'),
  ])
    expect(parseChronicle(damaged)).toBeUndefined();
});

test('the model knows of each step when it was ready, began and ended, counted from the beginning of the run', () => {
  expect(forked.steps.map(({ name, work }) => [name, work])).toEqual([
    ['get a', { ready: 2, began: 2, ended: 102 }],
    ['make a', { ready: 102, began: 102, ended: 302 }],
    ['get b', { ready: 2, began: 2, ended: 252 }],
    ['use both', { ready: 302, began: 302, ended: 312 }],
  ]);
  expect(forked.began.toISOString()).toBe('2026-03-01T17:05:00.002Z');
});

test('the critical path is the chain that the end waited for', () => {
  expect(criticalPath(forked).map(({ step }) => step.name)).toEqual(['get a', 'make a', 'use both']);
  expect(slowest(forked, 2).map(({ name }) => name)).toEqual(['get b', 'make a']);
});

test('the critical path leads through steps that were cached to what they needed', () => {
  const run = modelOf(
    chronicleOf([
      { task: 'get', about: 'a', resource: 'network', ms: 100 },
      { task: 'make', about: 'a', resource: 'cpu', ms: 200, needs: [0], cached: true },
      { task: 'use', about: 'a', resource: 'disk', ms: 10, needs: [1] },
    ]),
  );
  expect(criticalPath(run).map(({ step }) => step.name)).toEqual(['get a', 'use a']);
});

test('a run that failed, one that was stopped', () => {
  expect(verdictOf(modelOf(broken()))).toBe('failed');
  expect(verdictOf({ summary: { ...forked.summary, ok: false, exit_code: 143 } })).toBe('stopped');
});

test('no lane has two steps at once, no resource more lanes than its limit, and every step that began is in one', () => {
  for (const run of [modelOf(large()), modelOf(broken()), forked]) {
    const lanes = lanesOf(run);
    for (const { items } of lanes)
      for (const [at, item] of items.entries()) expect(item.began).toBeGreaterThanOrEqual(items[at - 1]?.ended ?? 0);
    for (const resource of ['network', 'cpu', 'disk'] as const)
      expect(lanes.filter((lane) => lane.resource === resource).length).toBeLessThanOrEqual(run.head.limits[resource]);
    const inLanes = lanes.flatMap(({ items }) => items.map(({ step }) => step.step));
    expect(inLanes.toSorted((a, b) => a - b)).toEqual(run.steps.filter(({ work }) => work).map(({ step }) => step));
  }
});

test('a queue begins and ends empty, and is never shorter than that', () => {
  const { steps } = modelOf(large());
  for (const resource of ['network', 'cpu'] as const) {
    const lengths = queueOf(steps, resource).map(({ waiting }) => waiting);
    expect(lengths.length).toBeGreaterThan(10);
    expect(lengths.at(-1)).toBe(0);
    expect(Math.min(...lengths)).toBe(0);
  }
});

test('steps are grouped by task; a task that is used in turns has a group for each turn', () => {
  const { steps } = modelOf(large());
  const groups = groupSteps(steps);
  const unpacking = groups.filter(({ task }) => task === 'unpack-wheel');
  expect(unpacking.map((group) => group.steps.length)).toEqual([72, 1]);
  expect(groups.flatMap((group) => group.steps.map(({ step }) => step)).toSorted((a, b) => a - b)).toEqual(
    steps.map(({ step }) => step),
  );
  for (const { id, needs } of groups) for (const need of needs) expect(need).toBeLessThan(id);
});

test('steps of one task that use each other are one group', () => {
  const run = modelOf(
    chronicleOf(
      Array.from({ length: 5 }, (_, n) => ({
        ...({ task: 'run-install-script', about: `${n}`, resource: 'cpu', ms: 5 } as const),
        needs: n === 0 ? [] : [n - 1],
      })),
    ),
  );
  expect(groupSteps(run.steps)).toMatchObject([{ isChain: true, needs: [], steps: { length: 5 } }]);
  expect(nameOf(run, 4)).toBe('run-install-script 4');
});

/** Any graph without circles: each step may need some of those before it. */
const graphs = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.array(fc.nat(), { maxLength: 3 })), {
    minLength: 1,
    maxLength: 25,
  })
  .map((drafts) =>
    drafts.map(([task, picks], step) => ({
      ...({ task, about: `${step}`, resource: 'cpu', ms: 1 } as const),
      needs: step === 0 ? [] : [...new Set(picks.map((pick) => pick % step))],
    })),
  );

const overlap = (a: Placed, b: Placed): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test('whatever the graph: boxes stand apart and within the drawing, and arrows lead to the right', () => {
  fc.assert(
    fc.property(graphs, (drafts) => {
      const groups = groupSteps(modelOf(chronicleOf(drafts)).steps);
      const { boxes, arrows, width, height } = layOutGroups(groups, measures);
      for (const [at, box] of boxes.entries()) {
        expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(true);
        for (const other of boxes.slice(at + 1)) expect(overlap(box, other)).toBe(false);
      }
      for (const { points } of arrows)
        for (const [at, point] of points.entries()) expect(point.x).toBeGreaterThanOrEqual(points[at - 1]?.x ?? 0);
    }),
  );
});

/** What each leads to, however far. */
const above = (needs: readonly (readonly number[])[]) => {
  const all: Set<number>[] = [];
  needs.forEach((direct, id) => (all[id] = new Set(direct.flatMap((need) => [need, ...all[need]!]))));
  return all.map((set) => [...set].toSorted((a, b) => a - b));
};

test('an arrow that follows from others is left out, and no other', () => {
  fc.assert(
    fc.property(graphs, (drafts) => {
      const groups = groupSteps(modelOf(chronicleOf(drafts)).steps);
      const { arrows } = layOutGroups(groups, measures);
      const drawn = groups.map(({ id }) => arrows.flatMap(({ from, to }) => (to === id ? [from] : [])));
      expect(above(drawn)).toEqual(above(groups.map(({ needs }) => needs)));
      for (const [id, direct] of drawn.entries()) expect(groups[id]!.needs).toEqual(expect.arrayContaining(direct));
    }),
  );
});

test('ticks are few, round, and begin at the beginning', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e8, noNaN: true }), (end) => {
      const ticks = ticksFor(end);
      expect(ticks[0]).toBe(0);
      expect(ticks.length).toBeLessThanOrEqual(8);
      expect(ticks.at(-1)).toBeLessThanOrEqual(end);
    }),
  );
  expect(ticksFor(20_000)).toEqual([0, 5000, 10_000, 15_000, 20_000]);
  expect(ticksFor(600_000).slice(0, 3)).toEqual([0, 120_000, 240_000]);
});
