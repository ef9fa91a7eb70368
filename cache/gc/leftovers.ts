import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { isGone } from '../owner.ts';
import { ownerIn } from '../temps.ts';
import { touchedAt } from '../use.ts';

/** Something at a path that no running process is at work on, and when it was last touched, by the clock of its volume. */
export interface Leftover {
  readonly path: string;
  readonly usedAt: number;
}

/** How long nobody may have touched an unfinished thing of another machine until it counts as left, in milliseconds. */
const forsaken = 24 * 60 * 60 * 1000;

/**
 * The temps below `directory` that are nobody's any more. `now` is by the clock of the volume. A name that is not of our making
 * stays, whatever it is.
 */
export const leftoversIn = (directory: string, now: number): readonly Leftover[] =>
  touchedIn(directory).filter(({ path, usedAt }) => {
    const owner = ownerIn(basename(path));
    return owner !== undefined && (isGone(owner, dirname(path)) || usedAt < now - forsaken);
  });

/** Everything below `directory`, with the times. */
export function touchedIn(directory: string): readonly Leftover[] {
  return namesIn(directory).flatMap((name) => {
    const path = join(directory, name);
    const usedAt = touchedAt(path);
    return usedAt === undefined ? [] : [{ path, usedAt }];
  });
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return [];
  }
}
