/** What tasks and pipelines of a user's own are made of: what `comfy-pipeline` exports. */
export { Blob, Tree } from '#cache';
export { Failed, type Failure } from './failure.ts';
export { definePipeline, type Pipeline, type PurePipeline } from './pipeline.ts';
export { type Plan, planFor, type PlannedStep } from './plan.ts';
export {
  definePlaced,
  defineQuestion,
  defineTask,
  type Later,
  type Resource,
  type Step,
  type Task,
  type TaskSpec,
} from './task.ts';
export type { Interpreter } from './python-tools.ts';
export type { Part, Placement } from './site-tools.ts';
export type { SiteTools, Tools } from './tools.ts';
