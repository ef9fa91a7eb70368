import { expect } from 'vitest';

import type { TraceEvent } from '../../pipelines/cli/report/trace.ts';

/** Checks that a trace is one that chrome://tracing and Perfetto take as it was meant, and answers its events. */
export function checkTrace(trace: unknown): readonly TraceEvent[] {
  expect(trace).toMatchObject({ traceEvents: expect.any(Array) as unknown[], displayTimeUnit: 'ms' });
  const { traceEvents: events } = trace as { readonly traceEvents: readonly TraceEvent[] };
  const named = new Set<string>();
  let last = 0;
  for (const { ph, name, pid, tid, ts, dur, s, args } of events) {
    expect([pid, tid, ts].every((number) => Number.isSafeInteger(number) && number >= 0)).toBe(true);
    expect(name).not.toBe('');
    if (ph === 'M') {
      if (name !== 'thread_sort_index') expect(args).toEqual({ name: expect.any(String) as string });
      named.add(name === 'process_name' ? `${pid}` : `${pid} ${tid}`);
      continue;
    }
    // In the order of time, after all names.
    expect(ts).toBeGreaterThanOrEqual(last);
    last = ts;
    expect(named).toContain(`${pid}`);
    if (ph === 'X') expect(Number.isSafeInteger(dur) && dur! >= 0).toBe(true);
    expect(named).toContain(`${pid} ${tid}`);
    if (ph === 'i') expect(['t', 'p']).toContain(s);
    if (ph === 'C') expect(args).toEqual({ waiting: expect.any(Number) as number });
  }
  const tracks = Map.groupBy(
    events.filter(({ ph }) => ph === 'X'),
    ({ pid, tid }) => `${pid} ${tid}`,
  );
  for (const track of tracks.values())
    for (const [at, { ts }] of track.entries()) {
      const before = track[at - 1];
      if (before !== undefined) expect(ts).toBeGreaterThanOrEqual(before.ts + before.dur!);
    }
  return events;
}
