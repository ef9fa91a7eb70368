import type { Failure } from './failure.ts';
import type { Reason } from './reason.ts';
import type { Resource } from './task.ts';

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

/** A step of a run that begins. Who tells a run as it comes knows neither what its steps need nor what they wait for. */
export interface AnnouncedStep extends StepLine {
  readonly resource?: Resource;
  /** The steps whose outputs it uses. */
  readonly needs?: readonly number[];
}

/** What happened. Every event survives JSON, so a renderer may live in another process. Times are in milliseconds. */
export type Event =
  | {
      readonly type: 'run.started';
      readonly pipeline: string;
      readonly subject: string;
      readonly steps: readonly AnnouncedStep[];
    }
  | {
      readonly type: 'step.started';
      readonly step: number;
      readonly task: string;
      readonly title: string;
      readonly reason: Reason;
      /** How long it was ready, and others of its resource were at work. */
      readonly waited_ms?: number;
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
  | (StepLine & Finish & Outcome)
  /** Something a person should know; it changes no outcome. */
  | { readonly type: 'note'; readonly level: 'info' | 'warning'; readonly text: string; readonly step?: number }
  | ({ readonly type: 'run.finished' } & Summary);

/** What the end of a step tells besides its outcome. */
interface Finish {
  readonly type: 'step.finished';
  readonly key?: string;
  readonly ms: number;
  /** What it fetched, when that was anything. */
  readonly bytes_fetched?: number;
  /** What making it took, when it was cached. */
  readonly ms_saved?: number;
}

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
