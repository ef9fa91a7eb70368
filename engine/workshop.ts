import type { Answer, Claims, Digest, Results } from '#cache';
import type { Emit } from './event.ts';
import type { Key } from './key.ts';
import type { PlannedStep } from './plan.ts';
import type { Resource } from './task.ts';
import type { Library, Site } from './site-tools.ts';
import type { Report } from './tools.ts';

/** One step about to be run: everything a worker, here or elsewhere, needs to know. */
export interface Action {
  readonly planned: PlannedStep;
  readonly key: Key;
  /** The parsed input. */
  readonly input: unknown;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** Runs one action and answers its output, unparsed. The local one hands the task its tools; another may send it away. */
export interface Executor {
  run(action: Action): Promise<unknown>;
}

/** The receipts of a target as the engine uses them: which question each slot answered. */
export interface Receipts extends Pick<Site, 'holds' | 'verifies' | 'pending'> {
  answer(slot: string): Answer | undefined;
  /** Takes effect together with what is staged for the slot. */
  stageAnswer(slot: string, answer: Answer): void;
}

/** The directory that placed tasks change, with its receipts. */
export interface Target {
  readonly site: Receipts & Site;
  readonly library: Library;
}

/** How many steps of each resource run at once. */
export type Limits = Readonly<Record<Resource, number>>;

/** Everything a run needs besides its plan. */
export interface Workshop {
  readonly results: Results;
  /** What a step of this name answered last time, for telling why it runs now. */
  readonly previous?: (name: string) => Answer | undefined;
  /** Whether the store holds the true bytes of a digest. */
  readonly proves: (digest: Digest, how?: { readonly rehash?: boolean }) => boolean | Promise<boolean>;
  /** Whether what was thrown says that something is gone from the store, which was there when it was proven. */
  readonly isLoss?: (thrown: unknown) => boolean;
  /** Present when the plan places something. */
  readonly target?: Target;
  readonly claims: Pick<Claims, 'hold'>;
  readonly executor: Executor;
  readonly emit: Emit;
  /** Waited for when all steps have ended, before the run is told as ended. It never rejects, and ends by itself. */
  readonly settle?: () => Promise<void>;
  readonly limits: Limits;
  /** Runs everything that is not downstream of a failure, instead of stopping at the first. */
  readonly keepGoing: boolean;
  /** Trusts no fingerprint: reads every byte again. */
  readonly verify: boolean;
  readonly signal: AbortSignal;
  /** Waits, or rejects when the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}
