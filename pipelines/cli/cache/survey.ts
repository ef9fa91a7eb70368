import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { type KeptAnswer, listAnswers, type LiveWork, liveWork, type Marker, openMarker, volumeNow } from '#cache';
import { Failed } from '#engine';
import { disk, findCache } from '../../documents/paths.ts';
import type { Around } from '../around.ts';
import { findRegistered, type Registered } from './registered.ts';

/** All that is known of a cache before anybody looks at what is in it. Times in milliseconds, by the clock of its volume. */
export interface Survey extends Registered {
  readonly cache: string;
  readonly store: string;
  readonly now: number;
  readonly idle: number;
  readonly answers: readonly KeptAnswer[];
  readonly marker: Marker;
  readonly live: LiveWork;
  /** The names of everything that something needs. */
  readonly needed: ReadonlySet<string>;
  /** Only what is needed stays, and nothing that would be quicker to have. */
  readonly isBare: boolean;
}

/** How long what no target leads to is kept for whoever ran it, in milliseconds. */
export const usualIdle = 30 * 24 * 60 * 60 * 1000;

/** Surveys the cache. Throws `absent` where there is none. */
export async function surveyCache(around: Around, idle = usualIdle): Promise<Survey> {
  const { cache, store } = cacheAt(around);
  const now = clockOf(store);
  const redis = around.environment['PIPELINE_RESULTS'];
  // Before the answers are read: what is answered meanwhile was used meanwhile, and stays.
  const live = liveWork(join(cache, 'claims'), now);
  const registered = findRegistered({ around, cache, now, idle });
  const answers = await answersIn(cache, redis);
  const marker = openMarker(answers.flatMap(({ answer }) => (answer === undefined ? [] : [answer])));
  const needed = marker.from([...live.needs, ...registered.roots.flatMap(({ texts }) => texts)]);
  return { cache, store, now, idle, answers, marker, live, needed, isBare: false, ...registered };
}

/** Where the cache is, which must have a store. */
function cacheAt(around: Around): { readonly cache: string; readonly store: string } {
  const { path: cache } = findCache({ ...around, probe: disk });
  const store = join(cache, 'store');
  if (existsSync(join(store, 'format'))) return { cache, store };
  throw new Failed({ kind: 'absent', what: `A cache in ${cache}`, hint: 'nothing was realized with it yet' });
}

/** A volume that cannot be written to still knows its time. */
function clockOf(store: string): number {
  try {
    return volumeNow(store);
  } catch {
    return Date.now();
  }
}

async function answersIn(cache: string, redis: string | undefined): Promise<readonly KeptAnswer[]> {
  const own = await listAnswers({ directory: join(cache, 'results') });
  if (redis === undefined) return own;
  try {
    return [...own, ...(await listAnswers({ url: redis }))];
  } catch (error) {
    const problem = `the results that say what is needed cannot be read: ${(error as Error).message}`;
    const hint = 'start the Redis of $PIPELINE_RESULTS, then run again: nothing was changed';
    throw new Failed({ kind: 'refused', what: 'to judge the cache', because: problem, hint }, { cause: error });
  }
}
