import { keptPrograms, keptQuarantine, keptRecords, keptTemps } from './small-things.ts';
import { storedMirrors, storedObjects, storedPartials } from './stored-things.ts';
import type { Survey } from './survey.ts';
import type { Thing } from './thing.ts';

/** Finds and measures everything that a cache holds, but answers: which of those stay, the rest of it decides. */
export const thingsIn = async (survey: Survey, signal: AbortSignal): Promise<readonly Thing[]> =>
  (
    await Promise.all([
      storedObjects(survey, signal),
      storedMirrors(survey),
      storedPartials(survey),
      keptPrograms(survey),
      keptRecords(survey),
      keptQuarantine(survey),
      keptTemps(survey),
    ])
  ).flat();
