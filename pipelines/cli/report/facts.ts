import type { Failure } from '#engine';
import type { Note, RunModel } from './run-model.ts';
import type { verdictOf } from './told.ts';

/** Everything a report tells: a run, and what is known besides of the version it was of. */
export interface ReportFacts {
  readonly run: RunModel;
  /** Its number among the runs that are kept of this version and target. */
  readonly n: number;
  /** All of those, oldest first. */
  readonly runs: readonly RunLine[];
  readonly wheels: WheelFacts;
  /** What the target holds now, in bytes; absent where nothing is realized. */
  readonly sizes?: SizeFacts;
}

/** A run in one line. */
export interface RunLine {
  readonly n: number;
  readonly pipeline: string;
  readonly began: Date;
  readonly verdict: ReturnType<typeof verdictOf>;
  readonly ms: number;
  readonly built: number;
  readonly cached: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What choosing the Python packages met with, when they were last chosen; `chosen` is absent where that run is not kept. */
export interface WheelFacts {
  readonly chosen?: Date;
  readonly conflicts: readonly Extract<Failure, { kind: 'conflict' }>[];
  readonly notes: readonly Note[];
}

/** How much of a target is shared with the store or other targets, and how much its own. Of each part, and of what others put there. */
export interface SizeFacts {
  readonly parts: readonly { readonly name: string; readonly shared: number; readonly own: number }[];
  readonly shared: number;
  readonly own: number;
  readonly others: number;
}
