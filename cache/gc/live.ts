import { lstatSync, readFileSync } from 'node:fs';

import { claimsIn, findLease, type Found, holderIsGone } from '../lease.ts';

/**
 * The work that goes on now. `needs` are texts that name what it will use; whatever it has used or made already was used since
 * `since`, in milliseconds by the clock of the volume (`Infinity` when nothing goes on).
 */
export interface LiveWork {
  readonly needs: readonly string[];
  readonly since: number;
}

/** How long a lease may stand still until its holder counts as gone, in milliseconds: he beats every few seconds. */
const silence = 10 * 60 * 1000;

/** What goes on by the leases in the directory of claims whose holders show life. `now` is by the clock of the volume. */
export function liveWork(directory: string, now: number): LiveWork {
  const texts = claimsIn(directory).flatMap((claim) => {
    const found = leaseAt(claim);
    if (found === undefined || holderIsGone(found)) return [];
    // A heartbeat gives the file in the directory another name.
    const beaten = lstatSync(found.directory, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return beaten < now - silence ? [] : textOf(found);
  });
  return { needs: texts, since: Math.min(Infinity, ...texts.map(beganIn)) };
}

/** Who does not say when he began may have done so at any time. */
function beganIn(text: string): number {
  try {
    const { began } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return typeof began === 'number' ? began : 0;
  } catch {
    return 0;
  }
}

function leaseAt(directory: string): Found | undefined {
  try {
    return findLease(directory);
  } catch {
    return undefined;
  }
}

/** A heartbeat between finding and reading gives the file another name: then it is looked for once more. */
function textOf({ directory, file }: Found): readonly string[] {
  for (const path of [file, leaseAt(directory)?.file])
    try {
      if (path !== undefined) return [readFileSync(path, 'utf8')];
    } catch {
      // It moved on, or ended.
    }
  return [];
}
