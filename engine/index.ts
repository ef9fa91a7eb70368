export type { AnnouncedStep, Emit, Event, Outcome, StepLine, Summary } from './event.ts';
export { type Toolbox, localExecutor } from './action.ts';
export { type Difference, differences } from './difference.ts';
export { draw, type Drawing } from './draw.ts';
export { describe, exitCodeOf, Failed, type Failure, Stopped, toFailure } from './failure.ts';
export { type Footing, footingOf } from './footing.ts';
export { forecast, type Prospect } from './forecast.ts';
export { canonical, type Key, keyOf } from './key.ts';
export { definePipeline, type Pipeline, type PurePipeline } from './pipeline.ts';
export { type Plan, planFor, type PlannedStep } from './plan.ts';
export { planKey } from './plan-key.ts';
export type { Reason } from './reason.ts';
export { withRetries } from './retry.ts';
export { type Ran, run, type Title } from './run.ts';
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
export type { Archive, Bundles, FilePin, FoundRelease, Git, Http, Registry } from './outside-tools.ts';
export type {
  BaseImage,
  Compression,
  Image,
  ImageLayer,
  Images,
  ImageWish,
  LayerPart,
  Written,
} from './image-tools.ts';
export type {
  AskedLine,
  BuildTool,
  HeldPackage,
  Interpreter,
  PinnedSource,
  PinnedWheel,
  Project,
  Python,
  RequirementLine,
  ResolvedPackage,
} from './python-tools.ts';
export type {
  ActivePack,
  Inheritance,
  Library,
  LibraryEntry,
  Packs,
  Part,
  Placement,
  Scripts,
  Site,
} from './site-tools.ts';
export type { OwnModels, Report, Shelf, SiteTools, Tools } from './tools.ts';
export type { Action, Executor, Limits, Receipts, Target, Workshop } from './workshop.ts';
