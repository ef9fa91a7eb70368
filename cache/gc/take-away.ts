import { lstatSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import { breathe } from '../breathe.ts';
import { bestEffort, codeOf } from '../disk-error.ts';
import type { Temps } from '../temps.ts';
import { touchedAt, usedAt } from '../use.ts';
import type { Stored } from './inventory.ts';

/**
 * Takes an object out of the store, unless it was used since `before` (milliseconds, by the clock of the volume): whoever
 * proved it a moment ago is about to use it. One rename (of a file, its deletion) makes it nobody's: whoever comes later
 * misses it, and makes it again. What a process that is killed leaves of it is a temp of its own, which the next one removes. Answers whether it went.
 */
export async function takeObject({ place }: Stored, before: number, temps: Temps): Promise<boolean> {
  if ((usedAt(place) ?? Infinity) >= before || !(await take(place.object, temps))) return false;
  for (const beside of [place.seen, place.manifest]) bestEffort(() => rmSync(beside, { force: true }));
  return true;
}

/** The same for anything else that a cache keeps at a path. `temps` is on its volume. */
export async function takePath(path: string, before: number, temps: Temps): Promise<boolean> {
  return (touchedAt(path) ?? Infinity) < before && take(path, temps);
}

/** False when somebody else took it. */
async function take(path: string, temps: Temps): Promise<boolean> {
  await breathe();
  try {
    if (!lstatSync(path).isDirectory()) {
      // One step already.
      unlinkSync(path);
      return true;
    }
    const away = temps.fresh();
    renameSync(path, away);
    // What cannot be deleted now is a temp, and goes with those.
    await rm(away, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
