import type { Answer } from '#cache';
import type { AnnouncedStep, Emit, Outcome, StepLine, Summary } from './event.ts';
import { exitCodeOf, type Failure } from './failure.ts';
import type { Plan, PlannedStep } from './plan.ts';
import type { Step } from './task.ts';
import type { Report } from './tools.ts';

/** What is known of one step while a run goes on. */
export interface Course {
  readonly planned: PlannedStep;
  /** Resolves when its output is known, or never will be. */
  settled: Promise<void>;
  answer?: Answer;
  outcome?: Outcome;
  /** Consumers that have not ended: each may still turn out to need its bytes. */
  undecided: number;
  /** Asked once: are the bytes of its output in the store? */
  demanded?: Promise<boolean>;
  /** While its bytes, which were there, are made again. */
  restoring?: Promise<void>;
  /** When its work began and ended, in milliseconds; 0 while it has not. */
  startedAt: number;
  endedAt: number;
  bytesFetched: number;
}

/** The account of a run: every step finishes exactly once, and everything that happened is an event. */
export class Ledger {
  readonly courses: readonly Course[];
  readonly failures: Failure[] = [];
  readonly #ids: ReadonlyMap<Step, number>;
  readonly #emit: Emit;
  readonly #began = performance.now();
  readonly #counts = { built: 0, cached: 0, failed: 0, skipped: 0 };
  #bytesFetched = 0;
  #msSaved = 0;

  constructor({ steps }: Plan, emit: Emit) {
    this.#emit = emit;
    this.#ids = new Map(steps.map(({ step, id }) => [step, id]));
    this.courses = steps.map((planned) => ({
      planned,
      settled: Promise.resolve(),
      undecided: 0,
      startedAt: 0,
      endedAt: 0,
      bytesFetched: 0,
    }));
    for (const { needs } of steps) for (const need of needs) this.courses[need]!.undecided++;
  }

  needsOf({ planned }: Course): readonly Course[] {
    return planned.needs.map((id) => this.courses[id]!);
  }

  /** What a step yielded; undefined while nobody knows. */
  readonly yieldOf = (step: Step): unknown => this.courses[this.#ids.get(step)!]!.answer?.output;

  /**
   * Ends a step's course. The first word is the last. What is on record and wanted by nobody any more is cached: its bytes
   * need not be there.
   */
  finish(course: Course, outcome: Outcome): void {
    const ending: (readonly [Course, Outcome])[] = [[course, outcome]];
    // Not recursive: ten thousand steps in a row end one after another.
    for (const [ended, how] of ending) {
      if (ended.outcome !== undefined) continue;
      this.#end(ended, how);
      for (const need of this.needsOf(ended))
        if (--need.undecided === 0 && need.answer !== undefined) ending.push([need, { outcome: 'cached' }]);
    }
  }

  #end(course: Course, outcome: Outcome): void {
    course.outcome = outcome;
    this.#counts[outcome.outcome]++;
    const { answer, startedAt, bytesFetched } = course;
    const msSaved = outcome.outcome === 'cached' ? (answer?.ms ?? 0) : 0;
    this.#msSaved += msSaved;
    this.#emit({
      type: 'step.finished',
      ...lineOf(course.planned),
      ...(answer !== undefined && { key: answer.key }),
      ms: startedAt === 0 ? 0 : Math.round((course.endedAt || performance.now()) - startedAt),
      ...(bytesFetched > 0 && { bytes_fetched: bytesFetched }),
      ...(msSaved > 0 && { ms_saved: msSaved }),
      ...outcome,
    });
  }

  fail(course: Course, failure: Failure): void {
    this.failures.push(failure);
    this.finish(course, { outcome: 'failed', failure });
  }

  reportFor(step: number): Report {
    const emit = this.#emit;
    return {
      progress: (done, total, unit) =>
        emit({ type: 'step.progress', step, done, ...(total === undefined ? {} : { total }), unit }),
      line: (line) => emit({ type: 'step.output', step, line }),
      note: (level, text) => emit({ type: 'note', level, text, step }),
      fetched: (bytes) => {
        this.courses[step]!.bytesFetched += bytes;
        this.#bytesFetched += bytes;
      },
    };
  }

  /** `stopped` is the exit code of whatever told the run to stop. */
  summary(stopped: number | undefined): Summary {
    const ok = this.#counts.failed === 0 && this.#counts.skipped === 0;
    const [first] = this.failures;
    const missing = this.failures.flatMap((failure) => (failure.kind === 'offline' ? failure.missing : []));
    return {
      ok,
      ...this.#counts,
      bytes_fetched: this.#bytesFetched,
      ms: Math.round(performance.now() - this.#began),
      ms_saved: this.#msSaved,
      ...(missing.length > 0 && { missing: [...new Set(missing)].toSorted() }),
      exit_code: ok ? 0 : (stopped ?? (first === undefined ? 1 : exitCodeOf(first))),
    };
  }
}

/** Whether a step came to an output. */
export const succeeded = ({ outcome }: Course): boolean =>
  outcome?.outcome === 'built' || outcome?.outcome === 'cached';

/** A step as events name it. */
export const lineOf = ({ id, step, name, title }: PlannedStep): StepLine => ({
  step: id,
  task: step.task.name,
  name,
  title,
});

/** The same as a run announces it. */
export const announce = (planned: PlannedStep): AnnouncedStep => ({
  ...lineOf(planned),
  resource: planned.step.task.resource,
  ...(planned.needs.length > 0 && { needs: planned.needs }),
});
