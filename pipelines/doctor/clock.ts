import { fine, type Finding, warning } from './finding.ts';

/** Before this was written it cannot be. */
const earliest = Date.UTC(2026, 0, 1);

/** Whether the clock can be right: servers' certificates are judged by it, and nothing else here. */
export function clock(now: number): Finding {
  const shown = Number.isNaN(now) ? 'unreadable' : new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return now >= earliest
    ? fine('clock', shown)
    : warning('clock', `${shown} is in the past`, 'set it: a server’s certificate is refused by a clock that is wrong');
}
