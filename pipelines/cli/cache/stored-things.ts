import { rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

import {
  hexOf,
  measure,
  type Measure,
  nothing,
  openTemps,
  plus,
  takeInventory,
  takeObject,
  takePath,
  touchedAt,
  touchedIn,
} from '#cache';
import { incomingOf, listMirrors } from '../../../tasks/tools/git/mirrors.ts';
import { labelsOf } from './label.ts';
import { pathThing } from './path-thing.ts';
import type { Survey } from './survey.ts';
import type { Thing } from './thing.ts';

/** What is in the store, object by object; a fingerprint that outlived its object is waste. */
export async function storedObjects(survey: Survey, signal: AbortSignal): Promise<readonly Thing[]> {
  const { cache, store, answers, needed } = survey;
  const labels = labelsOf(answers.flatMap(({ answer }) => (answer === undefined ? [] : [answer])));
  const aside = join(store, 'tmp');
  const temps = openTemps(aside);
  const { objects, orphans } = takeInventory(store);
  const things: Thing[] = [];
  for (const stored of objects) {
    signal.throwIfAborted();
    const { digest, place, usedAt } = stored;
    const taken = await measureAll([place.object, place.seen, place.manifest]);
    things.push({
      ...(labels.get(digest) ?? { kind: 'others' }),
      name: digest,
      measure: taken,
      size: taken.disk,
      usedAt,
      isNeeded: needed.has(hexOf(digest)),
      remove: async (before) => takeObject(stored, before, temps),
    });
  }
  const worth = 'waste';
  for (const path of orphans) {
    // One that is new belongs to an object that is just coming.
    const usedAt = touchedAt(path) ?? survey.now;
    things.push(await pathThing('temps', { path, usedAt }, { cache, aside, worth }));
  }
  return things;
}

/** Repositories that were fetched from. One with a commit that somebody needs saves fetching its neighbours. */
export async function storedMirrors({ cache, needed }: Survey): Promise<readonly Thing[]> {
  const directory = join(cache, 'git');
  const aside = incomingOf(directory);
  return Promise.all(
    listMirrors(directory).map(async ({ commits, ...file }) =>
      pathThing('mirrors', file, {
        cache,
        aside,
        worth: commits.some((commit) => needed.has(commit)) ? 'needed' : 'use',
      }),
    ),
  );
}

/** How long a file that came in half waits for the rest, in milliseconds. */
const patience = 7 * 24 * 60 * 60 * 1000;

/** Files that came in half, `<sha256>.<whose>`, each with a note beside it: worth keeping while somebody may want the rest. */
export async function storedPartials({ cache, now, needed }: Survey): Promise<readonly Thing[]> {
  const directory = join(cache, 'partial');
  const temps = openTemps(join(directory, 'tmp'));
  const files = new Map(touchedIn(directory).map(({ path, usedAt }) => [path, usedAt]));
  const things: Thing[] = [];
  for (const [path, touched] of files) {
    const [, sha256, rest = ''] = /^([0-9a-f]{64})\.(.+)$/.exec(basename(path)) ?? [];
    const isNote = /\.json(?:\.new)?$/.test(rest);
    // A note goes with its file, and one that has lost its file goes alone.
    if (sha256 === undefined || (isNote && files.has(path.replace(/\.json(?:\.new)?$/, '')))) continue;
    const note = `${path}.json`;
    const usedAt = Math.max(touched, files.get(note) ?? 0);
    const taken = await measureAll([path, note]);
    things.push({
      kind: 'partial',
      name: relative(cache, path),
      measure: taken,
      size: taken.disk,
      usedAt,
      isNeeded: !isNote && needed.has(sha256) && usedAt >= now - patience,
      isWaste: isNote || usedAt < now - patience,
      async remove(before) {
        const went = await takePath(path, before, temps);
        if (went) rmSync(note, { force: true });
        return went;
      },
    });
  }
  return things;
}

async function measureAll(paths: readonly string[]): Promise<Measure> {
  let sum = nothing;
  for (const path of paths) sum = plus(sum, await measure(path));
  return sum;
}
