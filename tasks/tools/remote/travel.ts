import { Readable } from 'node:stream';

import type { Cargo, Taker, Told } from '#cache';

import { type Ask, exchange, type Head } from '../http/exchange.ts';
import { networkTrouble } from '../http/failures.ts';
import { follow } from '../http/follow.ts';

/** One request of a remote cache, with what opens its place. */
export interface Journey {
  readonly url: URL;
  readonly method: Ask['method'];
  readonly credentials?: Readonly<Record<string, string>>;
  /** What is sent. */
  readonly cargo?: Cargo;
  /** The part of it that is sent, in bytes, when that is not all. */
  readonly part?: Part;
}

/** What the server answered, and the headers of that (names in lower case). */
export interface Arrived extends Told {
  readonly headers: Head['headers'];
}

/** Whoever uses a remote cache watches the pace of every exchange; this only ends what nobody watches. */
const patience = { headMs: 120_000, bodyMs: 120_000 };

/**
 * Makes one request. `taker` gets the body of a good answer, and nothing of another. What is sent goes where it was sent to:
 * redirects of it are not followed. Throws Failed (network, cancelled) or what `taker` threw.
 */
export async function travel(
  { url, method, credentials = {}, cargo, part }: Journey,
  taker: Taker | undefined,
  signal: AbortSignal,
): Promise<Arrived> {
  let arrived: Arrived | undefined;
  const ask: Ask = {
    url,
    method,
    credentials,
    headers: { 'user-agent': 'comfy-pipeline', 'accept-encoding': 'identity', ...(cargo && lengthOf(cargo, part)) },
    ...(cargo && { body: bodyOf(cargo, part) }),
  };
  const go = cargo === undefined ? follow : exchange;
  await go(
    ask,
    {
      head(head) {
        arrived = { status: head.status, headers: head.headers, ...sizeIn(head) };
        if (isGood(arrived)) taker?.head(arrived);
      },
      data(chunk) {
        if (arrived && isGood(arrived)) taker?.data(chunk);
      },
    },
    { signal, patience },
  );
  if (arrived === undefined) throw networkTrouble(url, 'The server sent no answer', { transient: true });
  return arrived;
}

const isGood = ({ status }: Told): boolean => status >= 200 && status < 300;

function sizeIn({ headers }: Head): { readonly size?: number } {
  const length = headers['content-length'] ?? '';
  return /^\d{1,15}$/.test(length) ? { size: Number(length) } : {};
}

type Part = readonly [start: number, end: number];

const lengthOf = ({ size }: Cargo, [start, end]: Part = [0, size]) => ({
  'content-type': 'application/octet-stream',
  'content-length': String(end - start),
});

const bodyOf = ({ size, open }: Cargo, [start, end]: Part = [0, size]): Buffer | Readable =>
  start === end ? Buffer.alloc(0) : Readable.from(open(start, end), { objectMode: false });
