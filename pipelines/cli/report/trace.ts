import { describe } from '#engine';
import { formatRetry } from '../render/format-retry.ts';
import { type Lane, lanesOf, queueOf } from './lanes.ts';
import type { RunModel, RunStep } from './run-model.ts';

/**
 * One event of Chrome's trace format, as far as it is used here: complete (X), instant (i), counter (C), metadata (M).
 * `ts` and `dur` are in microseconds.
 */
export interface TraceEvent {
  readonly ph: 'X' | 'i' | 'C' | 'M';
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly s?: 't' | 'p';
  readonly args?: Readonly<Record<string, unknown>>;
}

/** An event of a run that is still to be put in its process. Times are in milliseconds since the run began. */
type Draft = Pick<TraceEvent, 'ph' | 'name' | 'tid' | 'cat' | 's' | 'args'> & {
  readonly at: number;
  readonly until?: number;
};

/** The tracks beside those of the lanes: notes and queues; what was never at work. */
const [notes, records] = [0, 1] as const;

/** Runs of one command as a trace: a process each, a track for each place where steps are at work. Names first, then by time. */
export function traceOf(runs: readonly RunModel[]): object {
  const [first] = runs;
  const zero = first?.began.getTime() ?? 0;
  const processes = runs.map((run, index) => {
    const stamp = stampFor(index + 1, run.began.getTime() - zero);
    const lanes = lanesOf(run);
    return {
      named: namesOf(run, lanes).map(stamp),
      timed: [...stepsOf(run, lanes), ...queuesOf(run, lanes)].map(stamp),
    };
  });
  const timed = processes.flatMap((process) => process.timed).toSorted((a, b) => a.ts - b.ts);
  return {
    traceEvents: [...processes.flatMap(({ named }) => named), ...timed],
    displayTimeUnit: 'ms',
    otherData: first === undefined ? {} : { release: first.head.release, runtime: first.head.runtime },
  };
}

/** Puts drafts in a process that began at so many milliseconds. */
const stampFor =
  (pid: number, beganMs: number) =>
  ({ at, until, ...draft }: Draft): TraceEvent => {
    if (draft.ph === 'M') return { ...draft, pid, ts: 0 };
    const ts = microseconds(beganMs + at);
    return { ...draft, pid, ts, ...(until !== undefined && { dur: microseconds(beganMs + until) - ts }) };
  };

const microseconds = (ms: number): number => Math.round(ms * 1000);

const trackOf = (lane: number): number => records + 1 + lane;

function namesOf({ pipeline, subject }: RunModel, lanes: readonly Lane[]): readonly Draft[] {
  const tracks = ['notes', 'records', ...lanes.map(({ resource, slot }) => `${resource} ${slot}`)];
  const said = (tid: number, what: string, args: Draft['args'] & {}): Draft => ({
    ph: 'M',
    name: what,
    tid,
    at: 0,
    args,
  });
  return [
    said(notes, 'process_name', { name: `${pipeline} ${subject}` }),
    ...tracks.flatMap((name, tid) => [
      said(tid, 'thread_name', { name }),
      said(tid, 'thread_sort_index', { sort_index: tid }),
    ]),
  ];
}

/** What was at work, and all that came at one moment: hits and skips, retries, notes. */
function stepsOf({ steps, notes: said }: RunModel, lanes: readonly Lane[]): readonly Draft[] {
  const tracks = new Map(
    lanes.flatMap(({ items }, lane) => items.map(({ step }) => [step.step, trackOf(lane)] as const)),
  );
  const instant = (tid: number, draft: Pick<Draft, 'at' | 'name' | 'cat' | 'args'>): Draft => ({
    ...draft,
    ph: 'i',
    s: tid === notes ? 'p' : 't',
    tid,
  });
  return [
    ...lanes.flatMap(({ items }, lane) =>
      items.map(({ step, began, ended }): Draft => {
        return { ph: 'X', ...named(step), tid: trackOf(lane), at: began, until: ended };
      }),
    ),
    ...steps.flatMap((step) => [
      ...(step.work === undefined ? [instant(records, { ...named(step), at: step.ended })] : []),
      ...step.retries.map(({ at, event }) => {
        const args = { says: formatRetry(event) };
        return instant(tracks.get(step.step) ?? records, { at, name: `retry ${step.name}`, cat: 'retry', args });
      }),
    ]),
    ...said.map(({ at, level, text, step = -1 }) =>
      instant(tracks.get(step) ?? notes, { at, name: text.split('\n', 1)[0] || level, cat: level, args: { text } }),
    ),
  ];
}

/** How many steps of each resource were ready and waited. */
const queuesOf = ({ steps }: RunModel, lanes: readonly Lane[]): readonly Draft[] =>
  [...new Set(lanes.map(({ resource }) => resource))].flatMap((resource) =>
    queueOf(steps, resource).map(({ at, waiting }): Draft => {
      return { ph: 'C', name: `${resource} queue`, tid: notes, at, args: { waiting } };
    }),
  );

const named = (step: RunStep) => ({ name: step.name, cat: step.task, args: argsOf(step) });

const argsOf = ({ task, title, key, outcome, reason, bytes, saved, work, failure }: RunStep) => ({
  task,
  title,
  outcome,
  ...(key !== undefined && { key }),
  ...(reason !== '' && { reason }),
  ...(bytes > 0 && { bytes }),
  ...(saved > 0 && { saved_ms: saved }),
  ...(work !== undefined && { waited_ms: Math.round(work.began - work.ready) }),
  ...(failure !== undefined && { failure: describe(failure).message }),
});
