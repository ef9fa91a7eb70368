import type { Step } from './task.ts';

/** What a verb does: read facts, make a plan of them. `read` may look at the world, `plan` may not. */
export interface Pipeline<Asked, Facts, Yield> {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly read: (asked: Asked) => Facts | Promise<Facts>;
  readonly plan: (facts: Facts) => Step<Yield>;
}

/** Declares a pipeline. */
export const definePipeline = <Asked, Facts, Yield>(
  pipeline: Pipeline<Asked, Facts, Yield>,
): Pipeline<Asked, Facts, Yield> => Object.freeze(pipeline);
