import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';

import { defineTask, differences, draw, planFor, type Step } from '#engine';

const join = defineTask({
  name: 'join',
  revision: 1,
  resource: 'cpu',
  input: z.object({ name: z.string(), parts: z.array(z.string()) }),
  output: z.string(),
  about: ({ name }) => name,
  title: ({ name }) => `Join ${name}`,
  run: async ({ parts }) => parts.join('+'),
});

/** A random graph: each step may hold any of the steps before it. */
const graphs = fc.array(fc.array(fc.nat(), { maxLength: 5 }), { minLength: 1, maxLength: 40 }).map((needs) =>
  needs.reduce<Step<string>[]>((steps, picks, index) => {
    const parts = steps.length === 0 ? [] : picks.map((pick) => steps[pick % steps.length]!);
    return [...steps, join({ name: `n${index}`, parts })];
  }, []),
);

test('planFor() puts every step after the steps it needs, and each once', () => {
  fc.assert(
    fc.property(graphs, (steps) => {
      const plan = planFor(join({ name: 'goal', parts: steps }));
      expect(plan.steps.length).toBe(steps.length + 1);
      for (const { id, needs } of plan.steps) for (const need of needs) expect(need).toBeLessThan(id);
      expect(plan.steps.at(-1)!.step).toBe(plan.goal);
    }),
  );
});

test('planFor() leaves out what the goal does not need', () => {
  const unused = join({ name: 'unused', parts: [] });
  const plan = planFor(join({ name: 'goal', parts: [] }));
  expect(plan.steps.map(({ step }) => step)).not.toContain(unused);
});

test('planFor() takes a chain of ten thousand steps', () => {
  let last = join({ name: '0', parts: [] });
  for (let n = 1; n < 10_000; n++) last = join({ name: `${n}`, parts: [last] });
  expect(planFor(last).steps.length).toBe(10_000);
});

test('planFor() gives two uses with one name a number each', () => {
  const plan = planFor(
    join({ name: 'goal', parts: [join({ name: 'x', parts: [] }), join({ name: 'x', parts: ['y'] })] }),
  );
  expect(plan.steps.map(({ name }) => name)).toEqual(['join x', 'join x #2', 'join goal']);
});

test('draw() writes a label that cannot end its own quotes', () => {
  const plan = planFor(join({ name: 'a"]; evil', parts: [] }));
  expect(draw(plan, 'mermaid')).toBe('flowchart LR\n  s0["join: Join a#34;#93;#59; evil"]\n');
  expect(draw(plan, 'dot')).toContain('s0 [label="join\\nJoin a\\"]; evil"];');
});

test('differences() names each field that changed', () => {
  const was = { commit: 'a', nodes: [{ name: 'x' }, { name: 'y' }], gone: 1 };
  const now = { commit: 'b', nodes: [{ name: 'x' }, { name: 'z' }, { name: 'new' }] };
  expect(differences(was, now).map(({ path }) => path)).toEqual(['commit', 'nodes[1].name', 'nodes[2]', 'gone']);
});

test('differences() of a value with itself is nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(differences(value, structuredClone(value))).toEqual([]);
    }),
  );
});
