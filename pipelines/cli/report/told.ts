import { type RunModel, type RunStep, type Way, workMs } from './run-model.ts';

/** A step on the chain that a run's length hangs on. `waitedMs` is how long it was ready before it began. */
export interface Link {
  readonly step: RunStep;
  readonly waitedMs: number;
}

/**
 * The chain of steps, first to last, of which none could have begun before the one before it had ended: making another step
 * faster makes the run no shorter. It ends in the step that ended last.
 */
export function criticalPath({ steps }: Pick<RunModel, 'steps'>): readonly Link[] {
  const known = new Map(steps.map((step) => [step.step, step]));
  const links: Link[] = [];
  let last = latest(steps.filter((step) => step.work !== undefined));
  while (last?.work !== undefined) {
    links.unshift({ step: last, waitedMs: last.work.began - last.work.ready });
    // What it needed may have been on record, and needed something that was not.
    last = latest(workedBefore(last, known));
  }
  return links;
}

/** The nearest steps above that were at work. */
function workedBefore(from: RunStep, known: ReadonlyMap<number, RunStep>): readonly RunStep[] {
  const found = new Set<RunStep>();
  const seen = new Set<number>();
  const open = [...from.needs];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const step = known.get(id);
    if (step === undefined || seen.has(id)) continue;
    seen.add(id);
    if (step.work !== undefined) found.add(step);
    else open.push(...step.needs);
  }
  return [...found];
}

const latest = (steps: readonly RunStep[]): RunStep | undefined =>
  steps.reduce<RunStep | undefined>(
    (last, step) => (last === undefined || step.ended > last.ended ? step : last),
    undefined,
  );

/** The steps that were longest at work, the longest first. */
export const slowest = ({ steps }: Pick<RunModel, 'steps'>, most: number): readonly RunStep[] =>
  steps
    .filter((step) => step.work !== undefined && workMs(step) >= 1)
    .toSorted((a, b) => workMs(b) - workMs(a))
    .slice(0, most);

/** How many steps ended in which way. */
export const countWays = (steps: readonly RunStep[]): Readonly<Record<Way, number>> => {
  const counts = { built: 0, cached: 0, failed: 0, skipped: 0 };
  for (const { outcome } of steps) counts[outcome]++;
  return counts;
};

/** What is known of one task's steps together. */
export interface OfTask {
  readonly task: string;
  readonly steps: readonly RunStep[];
  readonly counts: Readonly<Record<Way, number>>;
  readonly workMs: number;
  readonly bytes: number;
  readonly savedMs: number;
}

/** The steps by task, in the order of the plan. */
export const byTask = ({ steps }: Pick<RunModel, 'steps'>): readonly OfTask[] =>
  [...Map.groupBy(steps, ({ task }) => task)].map(([task, ofTask]) => ({
    task,
    steps: ofTask,
    counts: countWays(ofTask),
    workMs: ofTask.reduce((sum, step) => sum + workMs(step), 0),
    bytes: ofTask.reduce((sum, { bytes }) => sum + bytes, 0),
    savedMs: ofTask.reduce((sum, { saved }) => sum + saved, 0),
  }));

/** `realize failed`, `realize stopped`, `realize done`: how a run ended, in a word. */
export function verdictOf({ summary }: Pick<RunModel, 'summary'>): 'done' | 'failed' | 'stopped' {
  if (summary.ok) return 'done';
  return summary.exit_code >= 128 ? 'stopped' : 'failed';
}
