import type { Event } from '#engine';
import { formatSeconds } from './format-duration.ts';
import { shortFailure } from './format-failure.ts';

/** `2 of 5 in 3 s: server answered 503`: which attempt comes next, when, and what became of the last. */
export function formatRetry(event: Extract<Event, { type: 'step.retried' }>, waitMs: number = event.wait_ms): string {
  const { attempt, attempts, failure } = event;
  const which = attempts === undefined ? `${attempt}` : `${attempt} of ${attempts}`;
  const when = waitMs > 0 ? `in ${formatSeconds(Math.max(1000, waitMs))}` : 'now';
  return `${which} ${when}: ${shortFailure(failure)}`;
}
