import { join } from 'node:path';

import { isDigest, type KeptAnswer } from '#cache';
import { pathThing } from './path-thing.ts';
import type { Survey } from './survey.ts';
import type { Thing } from './thing.ts';

/**
 * Answers that are records of a directory. One is waste when nobody needs it and something of what it names is not there, or
 * will not be (`goes`, digests); when nothing of that is, it is as good as anything else of its age.
 */
export async function answerThings(
  { cache, answers, needed }: Survey,
  stays: ReadonlySet<string>,
): Promise<readonly Thing[]> {
  const where = { cache, aside: join(cache, 'results/tmp') };
  return Promise.all(
    answers.flatMap(({ answer, file }) => {
      if (file === undefined) return [];
      const named = digestsIn(answer);
      const isNeeded = answer !== undefined && needed.has(answer.key);
      const isWhole = answer !== undefined && named.every((digest) => stays.has(digest));
      const worth = isNeeded || (isWhole && named.length > 0) ? 'needed' : isWhole ? 'use' : 'waste';
      return pathThing('results', file, { ...where, worth });
    }),
  );
}

function digestsIn(value: KeptAnswer['answer']): readonly string[] {
  const found: string[] = [];
  const visit = (part: unknown): void => {
    if (isDigest(part)) found.push(part);
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(visit);
  };
  visit(value?.output);
  return found;
}
