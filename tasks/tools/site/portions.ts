import { closeSync, openSync, readSync } from 'node:fs';

import { linesHeld } from './holds.ts';

/**
 * A listing that several threads look through, each taking portions that nobody has begun with: `file` is the listing, `base`
 * what its paths are counted from (both absolute), `states` says of each portion how far it is.
 */
export interface Watch {
  readonly file: string;
  readonly base: string;
  readonly states: Int32Array<SharedArrayBuffer>;
}

/** How many bytes of a listing are one portion: some 350 files, looked at in a millisecond. */
const portion = 64 * 1024;

/** No line is longer: two paths of 4,096 bytes, each of them escaped, and some numbers. */
const longest = 32 * 1024;

/** What `states` hold. From `held` on a portion is done: what is above it is the number of its lines. */
const [open, begun, broken, held] = [0, 1, 2, 3] as const;

/** How many portions a listing of so many bytes has. */
export const portionsOf = (bytes: number): number => Math.ceil(bytes / portion);

/** Looks at every portion that nobody has begun with; `again`: also at those that somebody has not finished. */
export function lookOn({ file, base, states }: Watch, again = false): void {
  const room = Buffer.allocUnsafe(1 + portion + longest);
  const from = openSync(file, 'r');
  try {
    for (let n = 0; n < states.length; n += 1) {
      const state = Atomics.compareExchange(states, n, open, begun);
      if (state === broken) return;
      if (state !== open && !(again && state === begun)) continue;
      const lines = linesHeld(base, linesOf(n, from, room));
      Atomics.store(states, n, lines === undefined ? broken : held + lines);
    }
  } finally {
    closeSync(from);
  }
}

/** How many lines the listing has, if all that they name is there. Waits for nobody: what another thread has not finished is looked at twice. */
export function lookedThrough(watch: Watch): number | undefined {
  lookOn(watch);
  lookOn(watch, true);
  let lines = 0;
  for (const state of watch.states) {
    if (state < held) return undefined;
    lines += state - held;
  }
  return lines;
}

/** The lines that begin in portion `n`, each of them whole. */
function linesOf(n: number, file: number, room: Buffer): string {
  // From one byte before: there the line before it may end.
  const before = n === 0 ? 0 : 1;
  const bytes = room.subarray(0, readSync(file, room, 0, room.length, n * portion - before));
  const first = bytes.indexOf('\n') + 1;
  const last = bytes.indexOf('\n', before + portion - 1);
  if (n > 0 && (first === 0 || first >= before + portion)) return '';
  return bytes.toString('utf8', n === 0 ? 0 : first, last === -1 ? bytes.length : last);
}
