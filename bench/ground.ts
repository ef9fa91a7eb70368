import { realize } from './commands.ts';
import { type Loopback, openLoopback } from './loopback.ts';
import { makeParts, type Parts, usual } from './parts.ts';
import { peakBytesOf } from './peak-bytes.ts';
import { openWorld, type World } from './world.ts';
import { newest, writeLock } from './write-lock.ts';

/** An environment that was realized, and what it was realized from. */
export interface Ground {
  readonly world: World;
  readonly loopback: Loopback;
  readonly parts: Parts;
  /** The lockfile of the newest of everything, 20 ms away, which `target` was realized from. */
  readonly lock: string;
  /** The most memory that one process of the first realize had. */
  readonly peakBytes: number;
}

let found: Promise<Ground> | undefined;

/** The ground that all cases share which come after a first realize. It goes with this process. */
export const findGround = (): Promise<Ground> => (found ??= makeGround());

async function makeGround(): Promise<Ground> {
  const world = openWorld();
  const loopback = await openLoopback(world.root);
  process.once('exit', () => {
    loopback[Symbol.dispose]();
    world[Symbol.dispose]();
  });
  const parts = await makeParts(world, usual);
  const lock = writeLock(world, 'first', newest(parts), loopback.far);
  const peakBytes = peakBytesOf(realize(world, { lock, target: 'target' }));
  return { world, loopback, parts, lock, peakBytes };
}
