import { setImmediate } from 'node:timers/promises';

import { beside, hasRoomBeside, readyBeside } from './beside.ts';
import { stillAsSeen } from './fingerprint.ts';

/** An object, and what everything in it looked like: the text of its `.seen` file. */
export interface Sight {
  readonly object: string;
  readonly seen: string;
}

/** What two threads look at; each takes from `taken` what nobody has begun with. */
export interface Sights {
  readonly sights: readonly Sight[];
  readonly taken: Int32Array<SharedArrayBuffer>;
}

/** What the other thread says of the `n`th. */
export interface Looked {
  readonly n: number;
  readonly isStill: boolean;
}

interface Waiting extends Sight {
  readonly answer: (isStill: boolean) => void;
}

/** From so many bytes on, texts name so many files that another thread, which takes its time to start, is worth it. */
const worthIt = 512 * 1024;

/**
 * Says whether an object looks as it did. What is asked in one turn of the event loop is looked at together: where it is much,
 * by two threads.
 */
export function openLooker(): (sight: Sight) => Promise<boolean> {
  let waiting: Waiting[] = [];
  let bytes = 0;
  const lookTogether = async (): Promise<void> => {
    await setImmediate();
    const [all, isMuch] = [waiting, bytes >= worthIt];
    [waiting, bytes] = [[], 0];
    if (isMuch && hasRoomBeside()) await lookBeside(all);
    else lookHere(all);
  };
  return async (sight) =>
    new Promise((answer) => {
      if (waiting.push({ ...sight, answer }) === 1) void lookTogether();
      bytes += sight.seen.length;
      // More is still to be asked: it may begin in the meantime.
      if (bytes >= worthIt) readyBeside();
    });
}

function lookHere(all: Iterable<Waiting>): void {
  for (const { object, seen, answer } of all) answer(isStillAsSeen({ object, seen }));
}

const program = new URL(import.meta.url.endsWith('.ts') ? './look-beside.ts' : './look-beside.js', import.meta.url);

/** This thread begins at the other end, and does other things in between. What nobody has answered in the end it looks at. */
async function lookBeside(all: readonly Waiting[]): Promise<void> {
  const left = new Map(all.entries());
  const order: Sights = {
    sights: all.map(({ object, seen }) => ({ object, seen })),
    taken: new Int32Array(new SharedArrayBuffer(4 * all.length)),
  };
  const answer = ({ n, isStill }: Looked): void => {
    left.get(n)?.answer(isStill);
    left.delete(n);
  };
  const ended = beside(program, order, (said) => answer(said as Looked));
  for (const [n, sight] of order.sights.entries().toArray().toReversed()) {
    if (!takes(order, n)) continue;
    answer({ n, isStill: isStillAsSeen(sight) });
    await setImmediate();
  }
  await ended;
  lookHere(left.values());
}

/** Begins with one, unless somebody has. */
export const takes = ({ taken }: Sights, n: number): boolean => Atomics.compareExchange(taken, n, 0, 1) === 0;

/** Whether an object looks as it did. What cannot be looked at proves nothing: the bytes must. */
export function isStillAsSeen({ object, seen }: Sight): boolean {
  try {
    return stillAsSeen(object, seen);
  } catch {
    return false;
  }
}
