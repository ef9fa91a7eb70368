import type { Keyv, KeyvSerializationAdapter } from 'keyv';
import * as z from 'zod/mini';

import { fileRecords } from './file-records.ts';
import type { Records } from './records.ts';
import { redisRecords } from './redis-records.ts';
import type { Answer, Results } from './results.ts';

/** Where results are kept: in a directory of small files, or in a Redis (`redis://`, `rediss://`). */
export type ResultsPlace = { readonly directory: string } | { readonly url: string };

/** The results at a place. Nothing here throws: `warn` is told of each kind of fault once, and what it hits is a miss. */
export function openResults(place: ResultsPlace & { readonly warn: (text: string) => void }): Results {
  const records = 'url' in place ? redisRecords(place.url) : fileRecords(place.directory);
  const where = 'url' in place ? `Redis${hostOf(place.url)}` : place.directory;
  const say = sayOnce(place.warn);
  const fault = (error: unknown): void => say(`This run goes on without some results of ${where}`, error);
  const foreign = (error: unknown): void => say(`A result in ${where} is damaged and counts as missing`, error);
  let door: Promise<Keyv> | undefined;
  const keyv = (): Promise<Keyv> => (door ??= openKeyv(records, fault));
  const { read } = records;
  return {
    // A run that changes nothing reads every record and writes none: it should not even load keyv.
    lookup: read
      ? (key) => guarded(() => parseAnswer(read(key), key, foreign), fault)
      : async (key) => parseAnswer(await (await keyv()).get<string>(key), key, foreign),
    async save(answer) {
      await keyv()
        .then((open) => open.set(answer.key, JSON.stringify(answer)))
        .catch(fault);
    },
  };
}

/** The one door of keyv. Texts go through it as they are, so that a record can be read without it. */
async function openKeyv(store: Records, fault: (error: unknown) => void): Promise<Keyv> {
  const { Keyv } = await import('keyv');
  const keyv = new Keyv({ store, serialization: asIs });
  keyv.on('error', fault);
  return keyv;
}

const asIs: KeyvSerializationAdapter = {
  stringify: (record) => (record as { readonly value: string }).value,
  parse: (value) => ({ value }) as never,
};

const Record = z.object({
  key: z.string(),
  task: z.string(),
  input: z.unknown(),
  output: z.unknown(),
  at: z.iso.datetime(),
  ms: z.number(),
}) satisfies z.ZodMiniType<Answer>;

/** The answer that a record's text holds; undefined when it holds none. */
export function answerIn(text: string): Answer | undefined {
  try {
    return Record.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The answer that a text holds, when it is one to this key. */
function parseAnswer(text: string | undefined, key: string, foreign: (error: unknown) => void): Answer | undefined {
  if (text === undefined) return undefined;
  const answer = answerIn(text);
  if (answer?.key === key) return answer;
  foreign(
    new Error(`${key} ${answer === undefined ? 'holds something else than an answer' : 'answers another question'}`),
  );
  return undefined;
}

function guarded<T>(work: () => T, fault: (error: unknown) => void): T | undefined {
  try {
    return work();
  } catch (error) {
    fault(error);
    return undefined;
  }
}

function sayOnce(warn: (text: string) => void): (text: string, error: unknown) => void {
  const said = new Set<string>();
  return (text, error) => {
    if (said.has(text)) return;
    said.add(text);
    const { message, code } = error as NodeJS.ErrnoException;
    // A refused connection to `localhost` comes with an empty message.
    warn(`${text}: ${message === '' ? code : message}`);
  };
}

/** ` at <host>`, without the credentials that a URL may carry. */
const hostOf = (url: string): string => (URL.canParse(url) ? ` at ${new URL(url).host}` : '');
