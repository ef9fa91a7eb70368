import { realize, without } from './commands.ts';
import { openLoopback } from './loopback.ts';
import { type Amount, makeParts } from './parts.ts';
import { against, type Line } from './report.ts';
import type { Stopwatch, Timing } from './stopwatch.ts';
import { openWorld } from './world.ts';
import { newest, writeLock } from './write-lock.ts';

const little: Amount = { coreFiles: 100, models: 30, modelBytes: 64 << 10, madeUp: { wheels: 2, modules: 200 } };

const amounts = {
  little,
  'installed files': { ...little, madeUp: { wheels: 20, modules: 200 } },
  'files in one wheel': { ...little, madeUp: { wheels: 2, modules: 2000 } },
  models: { ...little, models: 300 },
};

/** What the first realize costs with ten times as much. Steps are counted where the engine is measured. */
export async function growth(stopwatch: Stopwatch): Promise<readonly Line[]> {
  const base = await first('little', stopwatch);
  const lines: Line[] = [];
  for (const what of ['installed files', 'files in one wheel', 'models'] as const)
    lines.push(against(`growth, ten times the ${what}`, await first(what, stopwatch), base, 11));
  return lines;
}

/** A first realize of so much, from servers that are near. */
async function first(what: keyof typeof amounts, { measure }: Stopwatch): Promise<Timing> {
  using world = openWorld();
  using loopback = await openLoopback(world.root);
  const lock = writeLock(world, 'growth', newest(await makeParts(world, amounts[what])), loopback.near);
  const before = without(world, 'target', 'cache');
  const name = what === 'little' ? 'with a tenth' : what;
  const [timing] = measure([{ ...realize(world, { lock, target: 'target' }), name, before }], {
    runs: 5,
    warmUp: false,
  });
  return timing;
}
