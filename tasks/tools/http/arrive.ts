import type { Partials } from '#cache';
import { Failed, type Failure, toFailure } from '#engine';

import { redactUrl } from '../redact.ts';
import { type Arrival, openArrival } from './arrival.ts';
import type { Meter } from './meter.ts';
import { type Carrier, type Session, sizeOf } from './session.ts';
import type { Claim, Located } from './source.ts';
import { transfer } from './transfer.ts';
import type { Found, Wanted } from './wanted.ts';

/** A source by its name, and where it is. */
export interface Racer {
  readonly name: string;
  readonly at: Located & Claim;
}

/** What fetching a file needs. */
export interface Fetching extends Carrier {
  readonly meter: Meter;
  readonly partials: Partials | undefined;
}

/** What became of a race: the file, or how sources failed, by name. Those that were not needed are not among them. */
export type Race =
  | { readonly found: Found; readonly from: string }
  | { readonly failed: ReadonlyMap<string, Failure>; readonly error: unknown };

/**
 * Fetches a file from the first of several sources that sends a byte of it. What an earlier run left of it is continued; when
 * the whole then turns out wrong, it is fetched once more from its first byte on. Throws Failed (disk, cancelled).
 */
export async function arrive(racers: readonly Racer[], wanted: Wanted, fetching: Fetching): Promise<Race> {
  const arrival = await openArrival(wanted, fetching);
  const failed = new Map<string, Failure>();
  let winner: Racer | undefined;
  try {
    winner = await race(racers, failed, { arrival, wanted, fetching });
  } catch (error) {
    await arrival.leave();
    return { failed, error };
  }
  try {
    return { found: await arrival.finish(redactUrl(winner.at.url.href)), from: winner.name };
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind !== 'integrity') throw error;
    if (arrival.inherited) return arrive(racers, wanted, fetching);
    return { failed: new Map([[winner.name, failure]]), error };
  }
}

interface Track {
  readonly arrival: Arrival;
  readonly wanted: Wanted;
  readonly fetching: Fetching;
}

/** Answers who brought the file. Throws how the last of them failed. */
async function race(racers: readonly Racer[], failed: Map<string, Failure>, track: Track): Promise<Racer> {
  const stoppers = new Map(racers.map((racer) => [racer, new AbortController()]));
  let winner: Racer | undefined;
  const run = async (racer: Racer): Promise<Racer> => {
    const enter = (): void => {
      winner ??= racer;
      if (winner !== racer) throw new Failed({ kind: 'cancelled' });
      for (const [other, stopper] of stoppers) if (other !== racer) stopper.abort();
    };
    const signal = AbortSignal.any([track.fetching.signal, stoppers.get(racer)!.signal]);
    try {
      await transfer(sessionOf(racer, enter, track), { ...track.fetching, signal });
      return racer;
    } catch (error) {
      if (winner === undefined || winner === racer) failed.set(racer.name, toFailure(error));
      throw error;
    }
  };
  const runs = await Promise.allSettled(racers.map(run));
  const won = runs.find((result) => result.status === 'fulfilled');
  if (won !== undefined) return won.value;
  const of = winner === undefined ? -1 : racers.indexOf(winner);
  throw (runs.at(of) as PromiseRejectedResult).reason;
}

function sessionOf({ at }: Racer, enter: () => void, { arrival, wanted, fetching }: Track): Session {
  const { file, editionAt } = arrival;
  const edition = editionAt(at.url);
  const session: Session = {
    source: at,
    wanted,
    file,
    edition,
    inherits: file.size() > 0,
    total: undefined,
    parts: 'unknown',
    isSpoiled: false,
    begun: false,
    place: undefined,
    enter,
    wrote(bytes) {
      arrival.wrote(session, bytes);
      const total = sizeOf(session);
      fetching.meter.moved(file.size(), total === Infinity ? undefined : total, bytes);
    },
  };
  return session;
}
