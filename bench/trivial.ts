import { measure } from './measure.ts';
import type { Line } from './report.ts';
import { launcher, openWorld } from './world.ts';

/** A pipeline of N steps that do nothing, as a user would write it. */
const source = `
import * as z from 'zod';
import { definePipeline, defineTask } from 'comfy-pipeline';

const trivial = defineTask({
  name: 'trivial', revision: 1, resource: 'cpu',
  input: z.object({ n: z.int() }), output: z.int(),
  about: ({ n }) => String(n), title: ({ n }) => 'Step ' + n,
  run: async ({ n }) => n + 1,
});
const all = defineTask({
  name: 'all', revision: 1, resource: 'cpu',
  input: z.object({ steps: z.array(z.int()) }), output: z.int(),
  title: () => 'All', run: async ({ steps }) => steps.length,
});
export const pipeline = definePipeline({
  name: 'trivial', summary: 'Steps that do nothing',
  plan: ({ args }) => all({ steps: Array.from({ length: Number(args[0]) }, (_, n) => trivial({ n })) }),
});
`;

/** The second run of N steps that do nothing, against an empty Node program. */
export function warmTrivial(runs: number): readonly Line[] {
  using world = openWorld();
  world.write('pipelines/trivial.ts', source);
  const { root: cwd, environment } = world;
  const node = process.execPath;
  const counts = [10, 100, 1000] as const;
  const [bare, help, ...warm] = measure(
    [
      { name: 'node -e 0', argv: [node, '-e', '0'] },
      { name: '--help', argv: [node, launcher, '--help'], cwd, environment },
      ...counts.map((count) => ({
        name: `${count} steps`,
        argv: [node, launcher, 'trivial', String(count), '--json'] as const,
        cwd,
        environment,
      })),
    ],
    runs,
  );
  const budgets = [1.3, 1.5, 2.5];
  const line = (what: string, medianMs: number, budget: number): Line => ({
    what,
    measured: `${medianMs.toFixed(1)} ms (node -e 0: ${bare!.medianMs.toFixed(1)} ms)`,
    figure: medianMs / bare!.medianMs,
    unit: 'x',
    budget,
  });
  return [
    line('--help', help!.medianMs, 2),
    ...warm.map(({ name, medianMs }, n) => line(`warm no-op, ${name}`, medianMs, budgets[n]!)),
  ];
}
