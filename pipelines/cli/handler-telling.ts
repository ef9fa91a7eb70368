import { type Emit, exitCodeOf, type Failure, type Outcome, type StepLine } from '#engine';

/** A step of a run that a handler tells: something it does itself, or a node of the workflow (`nodeKey`). */
export interface ToldStep {
  readonly key: string;
  readonly task: string;
  readonly title: string;
}

/** The key of a node's step. */
export const nodeKey = (id: string): string => `node ${id}`;

/** Tells a run in the engine's events: one step after another, each ends when the next one begins. */
export interface Telling {
  /** Goes on to a step; one that has ended, or is not among them, is not begun again. */
  at(key: string): void;
  cached(keys: readonly string[]): void;
  progress(key: string, done: number, total: number): void;
  /** A line that was printed while the step went on. */
  line(text: string): void;
  fetched(bytes: number): void;
  /** What goes on has failed, and is tried again. */
  readonly retried: (attempt: number, failure: Failure, waitMs: number) => void;
  /** Ends the run: well, with a failure (of the steps it names, else of the one that goes on), or stopped. Answers the exit code. */
  end(how?: { readonly failure: Failure; readonly lines?: readonly string[] } | { readonly stopped: number }): number;
}

/** Starts to tell a run. */
export function tellRun(
  emit: Emit,
  title: { readonly pipeline: string; readonly subject: string },
  told: readonly ToldStep[],
): Telling {
  const steps = new Map(told.map((step, index) => [step.key, lineOf(step, index)] as const));
  const counts = { built: 0, cached: 0, failed: 0, skipped: 0 };
  const began = performance.now();
  let now: { readonly key: string; readonly began: number } | undefined;
  let bytes = 0;
  const open = new Set(steps.keys());
  const finish = (key: string, outcome: Outcome): void => {
    if (!open.delete(key)) return;
    const ms = key === now?.key ? Math.round(performance.now() - now.began) : 0;
    counts[outcome.outcome] += 1;
    emit({ type: 'step.finished', ...steps.get(key)!, ms, ...outcome });
  };
  const pause = (): void => {
    if (now !== undefined) finish(now.key, { outcome: 'built' });
    now = undefined;
  };
  emit({ type: 'run.started', ...title, steps: [...steps.values()] });
  return {
    at(key) {
      if (!open.has(key) || now?.key === key) return;
      pause();
      now = { key, began: performance.now() };
      const { step, task, title: name } = steps.get(key)!;
      emit({ type: 'step.started', step, task, title: name, reason: { why: 'new' } });
    },
    cached(keys) {
      for (const key of keys) finish(key, { outcome: 'cached' });
    },
    progress(key, done, total) {
      if (open.has(key)) emit({ type: 'step.progress', step: steps.get(key)!.step, done, total, unit: 'steps' });
    },
    line(text) {
      if (now !== undefined) emit({ type: 'step.output', step: steps.get(now.key)!.step, line: text });
    },
    retried(attempt, failure, waitMs) {
      if (now === undefined) return;
      emit({ type: 'step.retried', step: steps.get(now.key)!.step, attempt, failure, wait_ms: waitMs });
    },
    fetched(more) {
      bytes += more;
    },
    end(how) {
      if (how === undefined) pause();
      else if ('failure' in how) {
        for (const [key, failure] of partsOf(how.failure, open, now?.key)) {
          for (const line of how.lines ?? []) emit({ type: 'step.output', step: steps.get(key)!.step, line });
          finish(key, { outcome: 'failed', failure });
        }
      }
      for (const key of open) finish(key, { outcome: 'skipped' });
      const exit_code = how === undefined ? 0 : 'failure' in how ? exitCodeOf(how.failure) : how.stopped;
      const ms = Math.round(performance.now() - began);
      emit({
        type: 'run.finished',
        ok: how === undefined,
        ...counts,
        bytes_fetched: bytes,
        ms,
        ms_saved: 0,
        exit_code,
      });
      return exit_code;
    },
  };
}

const lineOf = ({ key, task, title }: ToldStep, step: number): StepLine => ({
  step,
  task,
  name: `${task} ${key}`,
  title,
});

/** Which steps failed of what: the nodes at fault, each of its own; where there is none, the one that went on. */
function partsOf(
  failure: Failure,
  open: ReadonlySet<string>,
  now: string | undefined,
): readonly (readonly [key: string, failure: Failure])[] {
  const nodes = failure.kind === 'workflow' ? failure.nodes.filter(({ id }) => open.has(nodeKey(id))) : [];
  if (failure.kind === 'workflow' && nodes.length > 0)
    return nodes.map((node) => [nodeKey(node.id), { ...failure, nodes: [node] }] as const);
  const key = now ?? [...open][0];
  return key === undefined ? [] : [[key, failure]];
}
