import type { Answer } from '#cache';
import type { Event, Executor, Workshop } from '#engine';
import type { SiteTools } from '#engine';

/** A world in memory: records, events, and which digests the store would prove. */
export interface FakeWorld extends Workshop {
  readonly events: Event[];
  readonly records: Map<string, Answer>;
  /** Digests the store has lost. */
  readonly lost: Set<string>;
  readonly waits: number[];
}

/** Runs tasks without any tools: for tasks whose `run` needs none. */
const bareExecutor: Executor = {
  run: async ({ planned, input, signal, report }) =>
    planned.step.task.run(input, { signal, report } as unknown as SiteTools),
};

/** A workshop that touches nothing outside the process. */
export function fakeWorld(over: Partial<Workshop> = {}): FakeWorld {
  const events: Event[] = [];
  const records = new Map<string, Answer>();
  const lost = new Set<string>();
  const waits: number[] = [];
  return {
    results: { lookup: (key) => records.get(key), save: (answer) => void records.set(answer.key, answer) },
    proves: (digest) => !lost.has(digest),
    claims: { hold: async (_, work) => work() },
    executor: bareExecutor,
    emit: (event) => void events.push(event),
    limits: { network: 4, cpu: 2, disk: 2 },
    keepGoing: false,
    verify: false,
    signal: new AbortController().signal,
    wait: async (ms) => void waits.push(ms),
    ...over,
    events,
    records,
    lost,
    waits,
  };
}

/** How each step ended, by name: `{ 'fetch a': 'built' }`. */
export const outcomes = (events: readonly Event[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    events.filter((event) => event.type === 'step.finished').map(({ name, outcome }) => [name, outcome]),
  );
