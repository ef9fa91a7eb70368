import type { Event, Failure, Outcome, StepLine, Title } from '#engine';
import { formatReason } from './format-reason.ts';
import { type LastLines, lastLines } from './last-lines.ts';
import { advance, type Transfer } from './transfer.ts';

/** How many steps of one task there are, and how those that ended did. */
export interface Tally {
  readonly task: string;
  readonly steps: readonly StepLine[];
  readonly ended: Record<Outcome['outcome'], number>;
}

/** A step at work, as far as it is known. */
export interface Running {
  readonly line: StepLine;
  readonly sinceMs: number;
  /** Why it runs, where that is worth a word. */
  readonly reason: string;
  transfer?: Transfer;
  retry?: { readonly event: Extract<Event, { type: 'step.retried' }>; readonly atMs: number };
  lastLine?: string;
}

/** A step that has something to tell after the run: it was built, or it failed. */
export interface Ended {
  readonly line: StepLine;
  readonly ms: number;
  readonly reason: string;
  readonly failure?: Failure;
  readonly output: readonly string[];
}

/** All that the events of one run have told so far, in the shape a screen needs. */
export interface Board {
  readonly name: Title;
  readonly sinceMs: number;
  readonly steps: ReadonlyMap<number, StepLine>;
  /** By task, in the order of the plan. */
  readonly tallies: Map<string, Tally>;
  readonly running: Map<number, Running>;
  readonly built: Ended[];
  readonly failed: Ended[];
  readonly notes: Extract<Event, { type: 'note' }>[];
  readonly output: LastLines;
}

/** Lines of a failed step's output that are shown. */
const shownLines = 10;

/** An empty board for a run that starts now. */
export function boardFor({ steps, ...name }: Title & { readonly steps: readonly StepLine[] }, nowMs: number): Board {
  const tallies = [...Map.groupBy(steps, ({ task }) => task)].map(
    ([task, ofTask]) => [task, tallyOf(task, ofTask)] as const,
  );
  return {
    name,
    sinceMs: nowMs,
    steps: new Map(steps.map((line) => [line.step, line])),
    tallies: new Map(tallies),
    running: new Map(),
    built: [],
    failed: [],
    notes: [],
    output: lastLines(shownLines),
  };
}

/** Writes one event on the board. Events of steps that nobody announced, or that come late, are taken as they are. */
export function post(board: Board, event: Event, nowMs: number): void {
  const running = 'step' in event && event.step !== undefined ? board.running.get(event.step) : undefined;
  switch (event.type) {
    case 'step.started': {
      const line = board.steps.get(event.step) ?? { ...event, name: event.title };
      tallyFor(board, line);
      board.running.set(event.step, { line, sinceMs: nowMs, reason: formatReason(event.reason) });
      return;
    }
    case 'step.progress':
      if (running === undefined) return;
      running.transfer = advance(running.transfer, event, nowMs);
      delete running.retry;
      return;
    case 'step.output':
      board.output.add(event.step, event.line);
      if (running !== undefined && event.line.trim() !== '') running.lastLine = event.line.trim();
      return;
    case 'step.retried':
      if (running === undefined) return;
      running.retry = { event, atMs: nowMs + event.wait_ms };
      delete running.transfer;
      return;
    case 'step.finished':
      return finish(board, event);
    case 'note':
      board.notes.push(event);
      return;
    case 'run.started':
    case 'run.finished':
      return;
  }
}

function finish(board: Board, event: Extract<Event, { type: 'step.finished' }>): void {
  const { step: id, task, name, title, ms } = event;
  const told = {
    line: { step: id, task, name, title },
    ms,
    reason: board.running.get(id)?.reason ?? '',
    output: board.output.take(id),
  };
  board.running.delete(id);
  tallyFor(board, told.line).ended[event.outcome]++;
  if (event.outcome === 'built') board.built.push(told);
  if (event.outcome === 'failed') board.failed.push({ ...told, failure: event.failure });
}

function tallyFor({ tallies }: Board, line: StepLine): Tally {
  const tally = tallies.get(line.task) ?? tallyOf(line.task, [line]);
  tallies.set(line.task, tally);
  return tally;
}

const tallyOf = (task: string, steps: readonly StepLine[]): Tally => ({
  task,
  steps,
  ended: { built: 0, cached: 0, failed: 0, skipped: 0 },
});

/** How many of a task's steps have ended, in whatever way. */
export const endedOf = ({ ended }: Tally): number => ended.built + ended.cached + ended.failed + ended.skipped;
