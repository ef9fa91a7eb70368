import type { Failure } from './failure.ts';
import type { Reason } from './reason.ts';

/** How a step ended. */
export type Outcome =
  | { readonly outcome: 'built' }
  | { readonly outcome: 'cached' }
  | { readonly outcome: 'failed'; readonly failure: Failure }
  /** Not run, because the step with this id failed (or the run was stopped). */
  | { readonly outcome: 'skipped'; readonly because?: number };

/** A step as a person sees it in a plan. */
export interface StepLine {
  readonly step: number;
  readonly task: string;
  /** What tells this use of the task from others, the same in every run: `fetch-node comfyui-foo`. */
  readonly name: string;
  readonly title: string;
}

/** What happened. Every event survives JSON, so a renderer may live in another process. Times are in milliseconds. */
export type Event =
  | {
      readonly type: 'run.started';
      readonly pipeline: string;
      readonly subject: string;
      readonly steps: readonly StepLine[];
    }
  | {
      readonly type: 'step.started';
      readonly step: number;
      readonly task: string;
      readonly title: string;
      readonly reason: Reason;
    }
  /** `unit` is `bytes` for transfers, `steps` for what a node of a workflow counts. `total` is absent where nobody knows it. */
  | {
      readonly type: 'step.progress';
      readonly step: number;
      readonly done: number;
      readonly total?: number;
      readonly unit: 'bytes' | 'files' | 'steps';
    }
  | { readonly type: 'step.output'; readonly step: number; readonly line: string }
  | {
      readonly type: 'step.retried';
      readonly step: number;
      /** The attempt that comes next: 2 is the first retry. */
      readonly attempt: number;
      /** Attempts the step has in all. */
      readonly attempts?: number;
      readonly failure: Failure;
      readonly wait_ms: number;
    }
  | (StepLine & { readonly type: 'step.finished'; readonly key?: string; readonly ms: number } & Outcome)
  /** Something a person should know; it changes no outcome. */
  | { readonly type: 'note'; readonly level: 'info' | 'warning'; readonly text: string; readonly step?: number }
  | ({ readonly type: 'run.finished' } & Summary);

/** The last event of a run. `ms_saved` is what the cached steps took when they were built. */
export interface Summary {
  readonly ok: boolean;
  readonly built: number;
  readonly cached: number;
  readonly failed: number;
  readonly skipped: number;
  readonly bytes_fetched: number;
  readonly ms: number;
  readonly ms_saved: number;
  /** Everything that was not in the cache and could not be fetched, because the network was not to be used. Sorted. */
  readonly missing?: readonly string[];
  /** What the process will exit with. */
  readonly exit_code: number;
  /** Where the result is and what to do with it, when there is one. */
  readonly result?: unknown;
}

export type Emit = (event: Event) => void;
