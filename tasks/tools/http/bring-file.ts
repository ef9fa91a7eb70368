import { setTimeout as sleep } from 'node:timers/promises';

import { Failed, type Failure, type Http, toFailure } from '#engine';

import { redactUrl } from '../redact.ts';
import { arrive, type Fetching, type Racer } from './arrive.ts';
import { connections } from './connections.ts';
import { copyIn } from './copy.ts';
import { digestOf } from './digest-of.ts';
import { find } from './find.ts';
import { lendCopy } from './lend.ts';
import { openMeter } from './meter.ts';
import { askingOf, type HttpOptions } from './options.ts';
import { together } from './together.ts';
import { assertMd5, type Found, type Wanted } from './wanted.ts';

type Wish = Parameters<Http['download']>[0];
type Brought = Awaited<ReturnType<Http['download']>>;

/** A file of so many bytes is fetched on several connections, where its server lets us. */
const usualSpread = 32 * 1024 * 1024;

/** A full disk or a stopped run is the same for every source. */
export const anotherSourceMayDo = ({ kind }: Failure): boolean =>
  ['network', 'integrity', 'offline', 'absent', 'refused'].includes(kind);

/**
 * Brings a file from its first source. When that fails, from another one that is on this machine, else from whichever server
 * sends a byte first. Throws Failed, with all that was said when none will do.
 */
export async function bringFile(wish: Wish, options: HttpOptions): Promise<Brought> {
  const [first, ...others] = wish.from;
  if (first === undefined) throw new Failed({ kind: 'refused', what: wish.to, because: 'no source is named for it' });
  const failures = new Map<string, Failure>();
  const meter = openMeter(options);
  const { signal, wait = (ms: number) => sleep(ms, undefined, { signal }) } = options;
  const fetching: Fetching = {
    ...askingOf(options),
    wait,
    meter,
    partials: options.partials,
    connections: options.connections ?? connections,
    leastSpread: options.leastSpread ?? usualSpread,
  };
  try {
    const round = { wanted: wish, options, fetching, failures };
    const brought = (await bringFrom([first], round)) ?? (await bringFrom(others, round));
    if (brought !== undefined) return brought;
    throw new Failed(together([...failures.values()]));
  } finally {
    meter.flush();
  }
}

/** What is wanted, and how the sources failed that were tried, by their names. */
interface Round {
  readonly wanted: Wanted;
  readonly options: HttpOptions;
  readonly fetching: Fetching;
  readonly failures: Map<string, Failure>;
}

/** The file from one of some sources; nothing when all of them failed. */
async function bringFrom(names: readonly string[], round: Round): Promise<Brought | undefined> {
  const [local, servers, buckets]: [[string, string][], Racer[], Racer[]] = [[], [], []];
  for (const name of names)
    await trying(name, round, async () => {
      const at = await find(name, round.options);
      if (typeof at === 'string') local.push([name, at]);
      else (at.bucket === undefined ? servers : buckets).push({ name, at });
    });
  for (const [name, path] of local) {
    const found = await trying(name, round, async () =>
      withMd5(await copyIn(path, round.wanted, round.fetching), name, round),
    );
    if (found !== undefined) return { ...found, from: name };
  }
  const raced = await fetchFirst(servers, round);
  if (raced !== undefined) return raced;
  for (const racer of buckets) {
    const brought = await trying(racer.name, round, async () => borrow(racer, round));
    if (brought !== undefined) return brought;
  }
  return undefined;
}

/** The file from the first of these servers that sends a byte; from the others when that one cannot finish. */
async function fetchFirst(racers: readonly Racer[], round: Round): Promise<Brought | undefined> {
  const failed = new Set<string>();
  for (let left = racers; left.length > 0; left = left.filter(({ name }) => !failed.has(name))) {
    const race = await arrive(left, round.wanted, round.fetching);
    if ('found' in race) {
      const found = await trying(race.from, round, async () => withMd5(race.found, race.from, round));
      if (found !== undefined) return { ...found, from: race.from };
      failed.add(race.from);
      continue;
    }
    const failure = toFailure(race.error);
    if (race.failed.size === 0 || !anotherSourceMayDo(failure)) throw race.error;
    for (const [name, how] of race.failed) {
      failed.add(name);
      note(name, how, round);
    }
  }
  return undefined;
}

/** An object of a bucket, by the person's own program, else as any server's file: who is not logged in may still read what is public. */
async function borrow(racer: Racer, round: Round): Promise<Brought | undefined> {
  const { name, at } = racer;
  const { wanted, options, fetching } = round;
  try {
    const lent = await lendCopy(at.bucket ?? name, wanted, { lender: options.lender, signal: fetching.signal });
    if (lent !== undefined) return { ...(await withMd5(lent, name, round)), from: name };
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind !== 'command') throw error;
    note(name, failure, round);
  }
  return fetchFirst([racer], round);
}

async function trying<T>(name: string, round: Round, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const failure = toFailure(error);
    if (!anotherSourceMayDo(failure)) throw error;
    note(name, failure, round);
    return undefined;
  }
}

/** One source may fail in two ways: as a bucket, and as a server. */
function note(name: string, failure: Failure, { failures }: Round): void {
  const before = failures.get(name);
  failures.set(name, before === undefined ? failure : together([failure, before]));
}

async function withMd5(found: Found, name: string, { wanted, fetching }: Round): Promise<Found> {
  if (wanted.md5 === undefined) return found;
  const { digest } = await digestOf(wanted.to, 'md5', fetching);
  return assertMd5(found, digest, wanted, redactUrl(name));
}
