import { toFailure } from '#engine';

import { fetchMissing } from './lanes.ts';
import type { Carrier, Session } from './session.ts';

/** How often in a row a transfer that broke is taken up again, and how long it waits each time, in milliseconds. */
const pausesMs = [0, 1_000, 5_000] as const;
/** A server that wants to be left alone for longer than this, in milliseconds, is left to whoever plans retries. */
const mostPauseMs = 30_000;
/** A break after this many new bytes starts the count again: a model of 50 GB may break often and still arrive. */
const worthwhileBytes = 16 * 1024 * 1024;

/** Fetches what a file lacks from one source. What breaks midway is resumed. Throws Failed (network, integrity, disk, cancelled). */
export async function transfer(session: Session, carrier: Carrier): Promise<void> {
  let breaks = 0;
  for (;;) {
    const before = session.file.size();
    try {
      return await fetchMissing(session, carrier);
    } catch (error) {
      const failure = toFailure(error);
      if (session.file.size() - before >= worthwhileBytes) breaks = 0;
      const pauseMs = pausesMs[breaks++];
      // Before the first byte there is nothing to keep: another source, or the engine, does better.
      if (!session.begun || pauseMs === undefined || failure.kind !== 'network' || !failure.transient) throw error;
      if (failure.status !== undefined) carrier.connections.spare(session.source.url.host);
      const waitMs = Math.max(pauseMs, failure.retryAfterMs ?? 0);
      if (waitMs > mostPauseMs) throw error;
      if (waitMs > 0) await carrier.wait(waitMs);
    }
  }
}
