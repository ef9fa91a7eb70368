import { peers } from './peers.ts';
import { against, type Line, notHere } from './report.ts';
import type { Stopwatch } from './stopwatch.ts';
import { launcher, openWorld, type World } from './world.ts';

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

const node = process.execPath;

/** The second run of N steps that do nothing, against an empty Node program and against other build tools. */
export function warmTrivial(stopwatch: Stopwatch): readonly Line[] {
  using world = openWorld();
  world.write('pipelines/trivial.ts', source);
  const lines: Line[] = [];
  for (const [count, budget] of [
    [10, 1.3],
    [100, 1.5],
    [1000, 2.5],
  ] as const)
    lines.push(...repeated(count, budget, { stopwatch, world }));
  const { root: cwd, environment } = world;
  const [bare, help] = stopwatch.measure([
    { name: 'node -e 0', argv: [node, '-e', '0'] },
    { name: '--help', argv: [node, launcher, '--help'], cwd, environment },
  ]);
  return [against('--help', help, bare, 2), ...lines];
}

/** A pipeline of `count` steps with nothing to do, then the same in each of the peers. */
function repeated(
  count: number,
  budget: number,
  { stopwatch, world }: { readonly stopwatch: Stopwatch; readonly world: World },
): readonly Line[] {
  const { root: cwd, environment } = world;
  const what = `warm no-op, ${count} steps`;
  const bare = { name: 'node -e 0', argv: [node, '-e', '0'] } as const;
  const ours = {
    name: `${count} steps`,
    argv: [node, launcher, 'trivial', String(count), '--json'],
    cwd,
    environment,
  } as const;
  const [empty, pipeline] = stopwatch.measure([bare, ours]);
  const lines = [against(what, pipeline, empty, budget)];
  for (const [name, prepare] of Object.entries(peers)) {
    const peer = prepare(world, count);
    if ('because' in peer) {
      lines.push(notHere(`${what}, against ${name}`, peer.because));
      continue;
    }
    const [again, theirs] = stopwatch.measure([ours, { ...peer, name }], count > 100 ? { runs: 5 } : {});
    // A native program of 200 KB has no runtime to start: it is there to be looked up to.
    const most = name === 'ninja' || count === 10 ? undefined : 1;
    lines.push(against(`${what}, against ${name}`, again, theirs, most));
  }
  return lines;
}
