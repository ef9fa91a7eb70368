import type { Step } from './task.ts';

/** What a verb does: read facts, make a plan of them. `read` may look at the world, `plan` may not. */
export interface Pipeline<Asked, Facts, Yield> {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly read: (asked: Asked) => Facts | Promise<Facts>;
  readonly plan: (facts: Facts) => Step<Yield>;
}

/** A pipeline that needs no facts but what it is asked: its plan is known from its code and its words alone. */
export type PurePipeline<Asked, Yield> = Omit<Pipeline<Asked, Asked, Yield>, 'read'>;

/** Declares a pipeline. One without `read` looks at nothing, so that a run which would do nothing need not even plan. */
export function definePipeline<Asked, Facts, Yield>(
  pipeline: Pipeline<Asked, Facts, Yield>,
): Pipeline<Asked, Facts, Yield>;
export function definePipeline<Asked, Yield>(pipeline: PurePipeline<Asked, Yield>): PurePipeline<Asked, Yield>;
export function definePipeline<P extends object>(pipeline: P): P {
  return Object.freeze(pipeline);
}
