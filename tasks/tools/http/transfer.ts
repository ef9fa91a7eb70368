import { toFailure } from '#engine';

import { redactUrl } from '../redact.ts';
import type { Head, Patience } from './exchange.ts';
import { isWebPage, networkTrouble, statusFailure, webPage } from './failures.ts';
import { follow } from './follow.ts';
import {
  assertRoom,
  assertWanted,
  type Found,
  type Incoming,
  openIncoming,
  otherSize,
  type Wanted,
} from './incoming.ts';
import type { Meter } from './meter.ts';
import type { Claim, Located } from './source.ts';

/** How often in a row a transfer that broke is taken up again, and how long it waits each time, in milliseconds. */
const pausesMs = [0, 1_000, 5_000] as const;
/** A server that wants to be left alone for longer than this, in milliseconds, is left to whoever plans retries. */
const mostPauseMs = 30_000;
/** A break after this many new bytes starts the count again: a model of 50 GB may break often and still arrive. */
const worthwhileBytes = 16 * 1024 * 1024;
/** Where nobody says how large a file is. */
const mostBytes = 256 * 1024 ** 3;
/** How a web page starts, after a byte order mark and white space (as Latin-1). */
const htmlStart = /^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)\b/i;

/** What transfers share: when to stop, how patient to be, how to wait, whom to tell. */
export interface Carrier {
  readonly signal: AbortSignal;
  readonly patience: Patience;
  readonly wait: (ms: number) => Promise<void>;
  readonly meter: Meter;
}

/** One transfer under way. `tag` is the strong ETag that everything in `file` belongs to, `total` the size it will have. */
interface Run {
  readonly source: Located & Claim;
  readonly wanted: Wanted;
  readonly file: Incoming;
  tag: string | undefined;
  total: number | undefined;
  begun: boolean;
}

/** Writes what a server has at `source` to `wanted.to` (absent). What breaks midway is resumed; what fails leaves no file. */
export async function transfer(source: Located & Claim, wanted: Wanted, carrier: Carrier): Promise<Found> {
  if (wanted.size !== undefined) assertRoom(wanted.to, wanted.size);
  const file = openIncoming(wanted.to);
  try {
    await receive({ source, wanted, file, tag: undefined, total: undefined, begun: false }, carrier);
    const found = file.finish();
    assertWanted(found, wanted, redactUrl(source.url.href));
    return found;
  } catch (error) {
    file.discard();
    throw error;
  }
}

async function receive(run: Run, carrier: Carrier): Promise<void> {
  let breaks = 0;
  for (;;) {
    const before = run.file.size();
    try {
      return await attempt(run, carrier);
    } catch (error) {
      const failure = toFailure(error);
      if (run.file.size() - before >= worthwhileBytes) breaks = 0;
      const pauseMs = pausesMs[breaks++];
      // Before the first byte there is nothing to keep: the next source, or the engine, does better.
      if (!run.begun || pauseMs === undefined || failure.kind !== 'network' || !failure.transient) throw error;
      const waitMs = Math.max(pauseMs, failure.retryAfterMs ?? 0);
      if (waitMs > mostPauseMs) throw error;
      if (waitMs > 0) await carrier.wait(waitMs);
    }
  }
}

async function attempt(run: Run, carrier: Carrier): Promise<void> {
  const { source, file, tag } = run;
  const from = tag === undefined ? 0 : file.size();
  const part = tag !== undefined && from > 0 ? { range: `bytes=${from}-`, 'if-range': tag } : {};
  await follow(
    {
      url: source.url,
      method: 'GET',
      headers: { 'user-agent': 'comfy-pipeline', 'accept-encoding': 'identity', ...part },
      credentials: source.credentials,
    },
    { head: (head) => begin(run, head, from), data: (chunk) => take(run, chunk, carrier.meter) },
    carrier,
  );
  const total = run.total ?? run.wanted.size;
  if (total !== undefined && file.size() < total)
    throw networkTrouble(source.url, `The transfer ended after ${file.size()} of ${total} bytes`, { transient: true });
}

/** Decides what the coming bytes are: the rest of the file, the whole of it, or nothing to use. */
function begin(run: Run, head: Head, from: number): void {
  const { source, file } = run;
  const { status, headers } = head;
  if (status === 206 && from > 0 && continues(run, head, from)) return;
  if (status === 206 || (status === 416 && from > 0)) {
    run.tag = undefined;
    throw networkTrouble(source.url, 'The server sent another part than was asked for', { transient: true });
  }
  if (status !== 200) throw statusFailure(head, source.url, source);
  if (file.size() > 0) file.restart();
  run.tag = headers['etag']?.startsWith('"') ? headers['etag'] : undefined;
  run.total = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  if (isWebPage(head)) throw webPage(source);
}

/** Whether a partial answer starts exactly where `file` ends, in the same version of the same file. */
function continues({ tag, total }: Run, { headers }: Head, from: number): boolean {
  const [, start, whole] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
  const sameSize = whole === '*' || total === undefined || Number(whole) === total;
  return Number(start) === from && sameSize && (headers['etag'] ?? tag) === tag;
}

function take(run: Run, chunk: Buffer, meter: Meter): void {
  const { file, source, wanted } = run;
  if (file.size() === 0) assertPromising(run, chunk);
  run.begun = true;
  const size = file.size() + chunk.length;
  const most = wanted.size ?? mostBytes;
  if (size > most) throw otherSize(redactUrl(source.url.href), most, size);
  file.write(chunk);
  meter.moved(size, wanted.size ?? run.total, chunk.length);
}

/** Looks at the first bytes: nobody should wait for the last byte of what cannot be the file. */
function assertPromising(run: Run, chunk: Buffer): void {
  const { total, source, wanted } = run;
  if (htmlStart.test(chunk.toString('latin1', 0, 256))) throw webPage(source);
  if (total === undefined) return;
  if (wanted.size !== undefined && wanted.size !== total)
    throw otherSize(redactUrl(source.url.href), wanted.size, total);
  assertRoom(wanted.to, total);
}
