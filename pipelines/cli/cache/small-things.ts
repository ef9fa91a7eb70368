import { basename, join } from 'node:path';

import { type Leftover, leftoversIn, touchedIn } from '#cache';
import { tempsIn } from '../temps-in.ts';
import { pathThing } from './path-thing.ts';
import type { Survey } from './survey.ts';
import type { Thing } from './thing.ts';

/** Programs that were fetched for our own use: of each the newest stays. */
export async function keptPrograms({ cache, isBare }: Survey): Promise<readonly Thing[]> {
  const room = join(cache, 'programs');
  const where = { cache, aside: join(room, 'tmp') };
  return Promise.all(
    [...Map.groupBy(filesIn(room), programOf).values()].flatMap((same) =>
      same
        .toSorted((a, b) => b.usedAt - a.usedAt)
        .map(async (file, n) => pathThing('programs', file, { ...where, worth: n > 0 || isBare ? 'waste' : 'needed' })),
    ),
  );
}

/** `uv` of `uv-0.13.8`. */
const programOf = ({ path }: Leftover): string => basename(path).replace(/-[\d.]+$/, '');

/** Rooms of what is quickly made again, or only told: it goes when nobody ran what it is of for long. */
const passing = ['repeat', 'runs', 'demo', 'hashes', 'recipes'];

/** What runs left to be read again: last answers, what has nothing to do, what a report tells, the probes of Pythons. */
export async function keptRecords({
  cache,
  ended,
  now,
  idle,
  isBare,
}: Pick<Survey, 'cache' | 'ended' | 'now' | 'idle' | 'isBare'>): Promise<readonly Thing[]> {
  const over = new Set(ended.map(({ path }) => path));
  const isOver = ({ path, usedAt }: Leftover, room: string): boolean =>
    over.has(path) || (passing.includes(room) && (isBare || usedAt < now - idle));
  const rooms = ['recent', ...passing, 'probes', 'resolved'];
  return Promise.all(
    rooms.flatMap((room) =>
      filesIn(join(cache, room)).map(async (file) => {
        const worth = isOver(file, room) ? 'waste' : 'needed';
        return pathThing('records', file, { cache, aside: join(cache, room, 'tmp'), worth });
      }),
    ),
  );
}

/** What was found damaged: it stays for the grace period, for whoever wants to know what became of it. */
export async function keptQuarantine({ cache, store }: Survey): Promise<readonly Thing[]> {
  const where = { cache, aside: join(store, 'tmp'), worth: 'waste' } as const;
  return Promise.all(touchedIn(join(store, 'quarantine')).map(async (file) => pathThing('quarantine', file, where)));
}

/** Unfinished things. Those of whoever is at work are needed, the others waste. */
export async function keptTemps({ cache, now }: Survey): Promise<readonly Thing[]> {
  return Promise.all(
    tempsIn(cache).flatMap((aside) => {
      const left = new Set(leftoversIn(aside, now).map(({ path }) => path));
      return touchedIn(aside).map(async (file) =>
        left.has(file.path)
          ? pathThing('temps', { ...file, usedAt: 0 }, { cache, aside, worth: 'waste' })
          : pathThing('temps', file, { cache, aside, worth: 'needed' }),
      );
    }),
  );
}

const filesIn = (room: string): readonly Leftover[] =>
  touchedIn(room).filter(({ path }) => basename(path) !== 'tmp' && !basename(path).startsWith('.'));
