export type { Emit, Event, Outcome, StepLine, Summary } from './event.ts';
export { describe, exitCodeOf, Failed, type Failure, toFailure } from './failure.ts';
export { canonical, type Key, keyOf } from './key.ts';
export {
  definePlaced,
  defineQuestion,
  defineTask,
  isStep,
  type Later,
  type Resource,
  type Step,
  type Task,
  type TaskKind,
  type TaskSpec,
} from './task.ts';
export type {
  Archive,
  Git,
  Http,
  Interpreter,
  Part,
  Placement,
  Python,
  Registry,
  Report,
  ResolvedWheel,
  Shelf,
  Site,
  SiteTools,
  Tools,
} from './tools.ts';
