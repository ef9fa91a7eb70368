import type { Readable } from 'node:stream';

import type { Failed } from '#engine';

import { exchange, type Head } from '../http/exchange.ts';
import { networkTrouble, retryAfterMs } from '../http/failures.ts';

/** One request to a service. `credentials` are headers that only its host may see. */
export interface Request {
  readonly url: URL;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly credentials?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
}

/** Bytes of an answer that are read at most. */
const mostBytes = 1_000_000;
const patience = { headMs: 120_000, bodyMs: 60_000 };

/** What a service answers, as JSON. Throws Failed (network, with the service's own words; cancelled). */
export async function ask(
  { url, method = 'GET', headers = {}, credentials = {}, body }: Request,
  { signal, hints = {} }: { readonly signal: AbortSignal; readonly hints?: Readonly<Record<number, string>> },
): Promise<unknown> {
  const chunks: Buffer[] = [];
  let head: Head = { status: 0, headers: {} };
  let size = 0;
  await exchange(
    { url, method, headers, credentials, ...(body === undefined ? {} : { body }) },
    {
      head: (first) => void (head = first),
      data(chunk) {
        size += chunk.length;
        if (size > mostBytes) throw networkTrouble(url, 'The answer does not end', { transient: false });
        chunks.push(chunk);
      },
    },
    { signal, patience },
  );
  const answer = parsed(Buffer.concat(chunks).toString());
  if (head.status >= 200 && head.status < 300) return answer;
  throw refusal(url, head, answer, hints[head.status]);
}

function refusal(url: URL, { status, headers }: Head, answer: unknown, hint: string | undefined): Failed {
  const said = wordsOf(answer);
  const waitMs = retryAfterMs(headers['retry-after'], Date.now());
  return networkTrouble(url, `The server answered ${status}${said === undefined ? '' : `: ${said}`}`, {
    transient: status === 408 || status === 429 || status >= 500,
    status,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The words of an error, in the two shapes that Google's services write them. */
function wordsOf(answer: unknown): string | undefined {
  const { error, error_description: description } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof description === 'string') return description;
  const { message } = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>;
  return typeof message === 'string' ? message : typeof error === 'string' ? error : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
