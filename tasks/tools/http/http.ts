import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failed, type Failure, type Http, toFailure } from '#engine';

import { redactUrl } from '../redact.ts';
import { copyIn } from './copy.ts';
import type { Patience } from './exchange.ts';
import { fetchJson } from './fetch-json.ts';
import type { Found, Wanted } from './incoming.ts';
import { mostJsonBytes, parseJson, tooLong } from './json.ts';
import { openMeter } from './meter.ts';
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
    async json(url, how = {}) {
      const at = await find(url, options);
      if (typeof at !== 'string') return fetchJson(at, how, { signal: options.signal, patience: patienceOf(options) });
      return readJson(at);
    },
  };
}

/** A full disk or a stopped run is the same for every source. */
const anotherSourceMayDo = ({ kind }: Failure): boolean =>
  ['network', 'integrity', 'offline', 'absent', 'refused'].includes(kind);

async function fetchFile(source: string, wanted: Wanted, options: HttpOptions): Promise<Found> {
  const { signal, wait = (ms: number) => sleep(ms, undefined, { signal }) } = options;
  const meter = openMeter(options);
  try {
    const at = await find(source, options);
    if (typeof at === 'string') return await copyIn(at, wanted, { signal, meter });
    return await transfer(at, wanted, { signal, patience: patienceOf(options), wait, meter });
  } finally {
    meter.flush();
  }
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

const patienceOf = ({ patience = usualPatience }: HttpOptions): Patience => patience;
