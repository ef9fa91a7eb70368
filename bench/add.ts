import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { emptyVenv, installFrom, realize } from './commands.ts';
import { findGround } from './ground.ts';
import { madeUpWheel } from './parts.ts';
import { against, type Line, notHere } from './report.ts';
import { once, type Stopwatch, type Subject } from './stopwatch.ts';
import { newest, writeLock, writePage } from './write-lock.ts';

/** One more wheel of 20 modules, never seen before, at each run; from an index 20 ms away. */
export async function added(stopwatch: Stopwatch): Promise<readonly Line[]> {
  const { world, loopback, parts, lock: first } = await findGround();
  const one = newest(parts);
  const runs = Math.min(stopwatch.runs, 5);
  // For each run, one before they count, and one more for a profile.
  const extra = Array.from({ length: runs + 2 }, (_, n) => madeUpWheel(world, `extra_${n}`, 20));
  for (const wheel of extra) writePage(world, wheel);
  const locks = extra.map((_, n) =>
    writeLock(world, `with-${n}`, { ...one, wheels: [...one.wheels, ...extra.slice(0, n + 1)] }, loopback.far),
  );
  once({ ...realize(world, { lock: first, target: 'grown' }), name: 'realize' });
  const lock = join(world.root, 'grown.lock.json');
  const ours = { ...realize(world, { lock, target: 'grown' }), name: 'realize' };
  const subjects: Subject[] = [{ ...ours, before: oneByOne(locks, (from) => copyFileSync(from, lock)) }];
  for (const installer of ['pip', 'uv'] as const) {
    const requirements = join(world.root, `${installer}.txt`);
    const install = installFrom(world, { installer, index: `${loopback.far.files}/simple/`, requirements });
    if (install === undefined) continue;
    once({ ...emptyVenv(world, installer), name: 'venv' });
    const before = oneByOne(extra, ({ name, version }) => writeFileSync(requirements, `${name}==${version}\n`));
    subjects.push({ ...install, name: `${installer} install`, before });
  }
  const [us, ...others] = stopwatch.measure(subjects, { runs });
  const lines = others.map((other) => against('add one wheel', us!, other));
  return others.length === 2 ? lines : [...lines, notHere('add one wheel, against uv', 'neither PyPI nor PATH has it')];
}

/** Does something with the next of some items each time it is called. */
function oneByOne<Item>(items: readonly Item[], act: (item: Item) => void): () => void {
  const left = items.values();
  return () => {
    const { value, done } = left.next();
    if (!done) act(value);
  };
}
