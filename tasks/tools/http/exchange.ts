import type { Readable } from 'node:stream';

import type { Dispatcher } from 'undici';

import { Failed } from '#engine';

import { networkFailure } from './failures.ts';

/** How long a server may be silent, in milliseconds: until the head of its answer, and between two pieces of the body. */
export interface Patience {
  readonly headMs: number;
  readonly bodyMs: number;
}

/** One request. `credentials` are headers for this origin and no other. */
export interface Ask {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable;
}

/** Status and headers (names in lower case) of an answer. */
export interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** What is done with an answer while it comes in. Whatever it throws ends the exchange and comes out of it unchanged. */
export interface Taker {
  /** `ask` is what was answered: after redirects, another one than the first. */
  head(head: Head, ask?: Ask): void;
  data(chunk: Buffer): void;
}

const connectMs = 10_000;

let pool: Promise<Dispatcher> | undefined;

/** The connections of this process, opened on first use and shared, so that a second request finds a warm one. */
async function connections(): Promise<Dispatcher> {
  const { Agent } = await import('undici');
  // HTTP/1.1 only: one large body per connection, and HTTP/2 windows slow exactly that down.
  return new Agent({ allowH2: false, connect: { timeout: connectMs } });
}

/** One request and its answer, without following anything. Throws Failed (network, cancelled) or what `taker` threw. */
export async function exchange(
  { url, method, headers, credentials, body }: Ask,
  taker: Taker,
  { signal, patience }: { readonly signal: AbortSignal; readonly patience: Patience },
): Promise<void> {
  const dispatcher = await (pool ??= connections());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let controller: Dispatcher.DispatchController | undefined;
  const end = (reason: unknown): void => {
    reject(reason);
    controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  };
  const guarded = (take: () => void): void => {
    try {
      take();
    } catch (error) {
      end(error);
    }
  };
  const stop = (): void => end(new Failed({ kind: 'cancelled' }));
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) throw new Failed({ kind: 'cancelled' });
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: { ...headers, ...credentials },
        headersTimeout: patience.headMs,
        bodyTimeout: patience.bodyMs,
        ...(body === undefined ? {} : { body }),
      },
      {
        onRequestStart(started) {
          controller = started;
          if (signal.aborted) stop();
        },
        onResponseStart(_, status, fields) {
          // 1xx announces an answer; it is none.
          if (status >= 200) guarded(() => taker.head({ status, headers: single(fields) }));
        },
        onResponseData: (_, chunk) => guarded(() => taker.data(chunk)),
        onResponseEnd: () => resolve(),
        onResponseError: (_, error) => reject(new Failed(networkFailure(error, url))),
      },
    );
    await promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A header that came twice counts as its first value; none that is read here may come twice. */
const single = (fields: Readonly<Record<string, string | string[] | undefined>>): Head['headers'] =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]));
