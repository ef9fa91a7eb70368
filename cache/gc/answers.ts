import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { codeOf } from '../disk-error.ts';
import { answerIn, type ResultsPlace } from '../keyed-results.ts';
import { redisTexts } from '../redis-records.ts';
import type { Answer } from '../results.ts';
import { touchedAt } from '../use.ts';

/**
 * One record. `answer` is missing in one that holds none. Those in a directory have a file of their own, `path`, and a time at
 * which they came, in milliseconds by the clock of its volume; those in a Redis are shared with others, and not for us to delete.
 */
export interface KeptAnswer {
  readonly answer?: Answer;
  readonly file?: { readonly path: string; readonly usedAt: number };
}

/** Every record at a place. Throws where they cannot be read: without them nobody can say what is needed. */
export async function listAnswers(place: ResultsPlace): Promise<readonly KeptAnswer[]> {
  if ('directory' in place) return [...answersIn(place.directory)];
  return (await redisTexts(place.url)).map(asKept);
}

function* answersIn(directory: string): Generator<KeptAnswer> {
  for (const shard of namesIn(directory)) {
    if (!/^[0-9a-f]{2}$/.test(shard)) continue;
    for (const name of namesIn(join(directory, shard))) {
      if (!/^[0-9a-f]{64}\.json$/.test(name)) continue;
      const path = join(directory, shard, name);
      const usedAt = touchedAt(path);
      const text = ifThere(() => readFileSync(path, 'utf8'));
      if (usedAt !== undefined && text !== undefined) yield { ...asKept(text), file: { path, usedAt } };
    }
  }
}

function asKept(text: string): KeptAnswer {
  const answer = answerIn(text);
  return answer === undefined ? {} : { answer };
}

const namesIn = (directory: string): readonly string[] => ifThere(() => readdirSync(directory).toSorted()) ?? [];

/** Nothing for what went meanwhile; any other fault is thrown. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
