import { join } from 'node:path';

import { sweepTemps } from '#cache';
import { incomingOf } from '../../tasks/tools/git/mirrors.ts';

/** Rooms of the cache in which things are made aside, in a `tmp` of their own. */
const rooms = [
  'store',
  'results',
  'claims',
  'recent',
  'repeat',
  'runs',
  'probes',
  'demo',
  'programs',
  'partial',
  'hashes',
  'recipes',
];

/** Every directory of a cache with unfinished things. */
export const tempsIn = (cache: string): readonly string[] => [
  ...rooms.map((room) => join(cache, room, 'tmp')),
  incomingOf(join(cache, 'git')),
];

/** Removes what processes that are gone have left unfinished anywhere in a cache. */
export async function sweepCache(cache: string): Promise<void> {
  for (const directory of tempsIn(cache)) await sweepTemps(directory);
}
