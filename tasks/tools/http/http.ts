import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failed, type Failure, type FilePin, type Http, toFailure } from '#engine';

import { redactUrl } from '../redact.ts';
import { pinOnCivitai } from './civitai.ts';
import { copyIn } from './copy.ts';
import { digestOf } from './digest-of.ts';
import type { Patience } from './exchange.ts';
import { fetchJson } from './fetch-json.ts';
import { sizeAt } from './head.ts';
import { pinOnHub } from './hugging-face.ts';
import { assertMd5, type Found, type Wanted } from './incoming.ts';
import { mostJsonBytes, parseJson, tooLong } from './json.ts';
import { lendCopy, type Lender } from './lend.ts';
import { type Meter, openMeter } from './meter.ts';
import { readLocal, readRemote } from './read.ts';
import { type Claim, type Endpoints, locate, type Located, localPath, type Tokens, withClaim } from './source.ts';
import { together } from './together.ts';
import { transfer } from './transfer.ts';

/** What the tool is opened with. */
export interface HttpOptions {
  readonly offline: boolean;
  readonly signal: AbortSignal;
  /** Sent to their endpoint's origin and nowhere else. */
  readonly tokens: Tokens;
  readonly endpoints: Endpoints;
  readonly onProgress?: (done: number, total: number | undefined) => void;
  /** Bytes that came over the network. */
  readonly onFetched?: (bytes: number) => void;
  /** The local file that stands in for a source, asked first. */
  readonly localSource?: (source: string) => Promise<string | undefined>;
  /** Whoever may copy out of buckets where we may not. */
  readonly lender?: Lender;
  readonly patience?: Patience;
  /** How to let time pass before a broken transfer is taken up again. */
  readonly wait?: (ms: number) => Promise<void>;
}

const usualPatience: Patience = { headMs: 30_000, bodyMs: 60_000 };

/** The tool for files and JSON documents, from the network and from this machine. */
export function openHttp(options: HttpOptions): Http {
  return {
    async download(what) {
      if (what.from.length === 0)
        throw new Failed({ kind: 'refused', what: what.to, because: 'no source is named for it' });
      const failures: Failure[] = [];
      for (const from of what.from) {
        try {
          return { ...(await fetchFile(from, what, options)), from };
        } catch (error) {
          const failure = toFailure(error);
          if (!anotherSourceMayDo(failure)) throw error;
          failures.push(failure);
        }
      }
      throw new Failed(together(failures));
    },
    pin: (from) => pin(from, options),
    async size(source) {
      const at = await find(source, options).catch(passingOver);
      if (typeof at === 'string') return statSync(at, { throwIfNoEntry: false })?.size;
      return at && (await sizeAt(at, askingOf(options)).catch(passingOver));
    },
    async read(url, how = {}) {
      const at = await find(url, options);
      if (typeof at === 'string') return readLocal(at, url, how);
      return readRemote(at, how, { ...askingOf(options), onFetched: options.onFetched });
    },
    async json(url, how = {}) {
      const at = await find(url, options);
      if (typeof at !== 'string') return fetchJson(at, how, askingOf(options));
      return readJson(at);
    },
  };
}

/** A full disk or a stopped run is the same for every source. */
const anotherSourceMayDo = ({ kind }: Failure): boolean =>
  ['network', 'integrity', 'offline', 'absent', 'refused'].includes(kind);

/** Where not to learn something is no failure; to be stopped is. */
function passingOver(error: unknown): undefined {
  if (toFailure(error).kind === 'cancelled' || toFailure(error).kind === 'bug') throw error;
  return undefined;
}

/** Asks the sources in their order. A file of this machine is quicker read than asked for elsewhere. */
async function pin(from: readonly string[], options: HttpOptions): Promise<FilePin | undefined> {
  const failures: Failure[] = [];
  for (const source of from) {
    try {
      const at = await find(source, options);
      const told = typeof at === 'string' ? undefined : await pinAt(at, options);
      if (told !== undefined || typeof at === 'string') return told;
    } catch (error) {
      const failure = toFailure(error);
      if (!anotherSourceMayDo(failure)) throw error;
      failures.push(failure);
    }
  }
  if (failures.length > 0 && failures.length === from.length) throw new Failed(together(failures));
  return undefined;
}

function pinAt(at: Located & Claim, options: HttpOptions): Promise<FilePin | undefined> | undefined {
  if (at.auth === 'huggingFace') return pinOnHub(at, options.endpoints.huggingFace, askingOf(options));
  return at.auth === 'civitai' ? pinOnCivitai(at, askingOf(options)) : undefined;
}

async function fetchFile(source: string, wanted: Wanted, options: HttpOptions): Promise<Found> {
  const meter = openMeter(options);
  try {
    const found = await bring(source, wanted, { ...options, meter });
    if (wanted.md5 === undefined) return found;
    const { digest } = await digestOf(wanted.to, 'md5', options);
    return assertMd5(found, digest, wanted, redactUrl(source));
  } finally {
    meter.flush();
  }
}

async function bring(source: string, wanted: Wanted, options: HttpOptions & { readonly meter: Meter }): Promise<Found> {
  const { signal, meter, lender, wait = (ms: number) => sleep(ms, undefined, { signal }) } = options;
  const at = await find(source, options);
  if (typeof at === 'string') return copyIn(at, wanted, { signal, meter });
  const carrier = { ...askingOf(options), wait, meter };
  if (at.bucket === undefined) return transfer(at, wanted, carrier);
  let refused: Failure | undefined;
  try {
    const lent = await lendCopy(at.bucket, wanted, { lender, signal });
    if (lent !== undefined) return lent;
  } catch (error) {
    refused = toFailure(error);
    // Who is not logged in may still read what is public.
    if (refused.kind !== 'command') throw error;
  }
  return transfer(at, wanted, carrier).catch((error: unknown) => {
    throw refused === undefined ? error : new Failed(together([toFailure(error), refused]));
  });
}

/** A path of this machine, or a place on the network with what opens it. */
async function find(source: string, options: HttpOptions): Promise<string | (Located & Claim)> {
  const standIn = await options.localSource?.(source);
  if (standIn !== undefined) return standIn;
  const located = locate(source, options.endpoints);
  const path = localPath(located.url);
  if (path !== undefined) return path;
  if (options.offline) throw new Failed({ kind: 'offline', missing: [redactUrl(source)] });
  return withClaim(located, options.tokens);
}

function readJson(path: string): unknown {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new Failed({ kind: 'absent', what: path });
  if (size > mostJsonBytes) throw tooLong(path);
  const value = parseJson(readFileSync(path, 'utf8'), path);
  if (value === undefined) throw new Failed({ kind: 'document', file: path, problem: 'It is not JSON' });
  return value;
}

const askingOf = ({ signal, patience = usualPatience }: HttpOptions): Asking => ({ signal, patience });

interface Asking {
  readonly signal: AbortSignal;
  readonly patience: Patience;
}
