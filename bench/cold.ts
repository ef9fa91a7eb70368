import { join } from 'node:path';

import { realize, script, uv, without } from './commands.ts';
import { openLoopback, type Origins } from './loopback.ts';
import { makeParts, type Parts, usual } from './parts.ts';
import { against, type Line, notHere } from './report.ts';
import type { Stopwatch } from './stopwatch.ts';
import { openWorld, type World } from './world.ts';
import { newest, writeLists, writeLock } from './write-lock.ts';

/** The first realize of all, everything 20 ms away, and the first one where the wheels lie on the disk already. */
export async function cold(stopwatch: Stopwatch): Promise<readonly Line[]> {
  using world = openWorld();
  using loopback = await openLoopback(world.root);
  const parts = await makeParts(world, usual);
  const { near, far } = loopback;
  const wheels = join(world.root, 'files/wheels');
  const race = (name: string, how: Omit<Race, 'name' | 'parts'>) => first(stopwatch, world, { name, parts, ...how });
  return [
    ...race('cold, 20 ms away', {
      origins: far,
      ours: [],
      theirs: ['--index-url', `${far.files}/simple/`],
      budgets: { pip: 0.3 },
    }),
    ...race('cold, wheels downloaded', {
      origins: near,
      ours: ['--wheels-dir', wheels],
      theirs: ['--no-index', '--find-links', wheels],
      budgets: { pip: 0.5, uv: 1 },
    }),
  ];
}

interface Race {
  readonly name: string;
  readonly parts: Parts;
  readonly origins: Origins;
  /** What is said to each of them about where wheels come from. */
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly budgets: { readonly pip: number; readonly uv?: number };
}

function first({ measure }: Stopwatch, world: World, race: Race): readonly Line[] {
  const chosen = newest(race.parts);
  const lock = writeLock(world, 'cold', chosen, race.origins);
  const lists = writeLists(world, 'cold', chosen, race.origins);
  const name = race.parts.areReal ? race.name : `${race.name} (wheels are made up)`;
  const subject = (installer: 'pip' | 'uv', ...flags: readonly string[]) => ({
    ...script(world, { lists, target: `with-${installer}`, installer, flags: [...race.theirs, ...flags] }),
    before: without(world, `with-${installer}`, 'uv-cache'),
  });
  const ours = {
    ...realize(world, { lock, target: 'ours', more: race.ours }),
    name: 'ours',
    before: without(world, 'ours', 'cache'),
  };
  const pip = { ...subject('pip'), name: 'script with pip' };
  const plain = { ...subject('pip', '--no-compile'), name: 'script with pip --no-compile' };
  const few = { runs: 5, warmUp: false };
  if (uv() === undefined) {
    const [us, slow] = measure([ours, pip], few);
    return [against(name, us, slow, race.budgets.pip), notHere(`${name}, against uv`, 'neither PyPI nor PATH has it')];
  }
  const fast = { ...subject('uv', '--compile-bytecode'), name: 'script with uv --compile-bytecode' };
  const [us, slow, uncompiled, quick] = measure([ours, pip, plain, fast], few);
  return [
    against(name, us, slow, race.budgets.pip),
    against(name, us, uncompiled),
    against(name, us, quick, race.budgets.uv),
  ];
}
