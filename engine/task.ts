import type * as z from 'zod/v4/core';

import type { SiteTools, Tools } from './tools.ts';

/** Values a schema can end in; anything else is walked field by field. */
type Atom = string | number | boolean | bigint | null | undefined;

/** A value known now, or a step that will produce it. */
export type Later<T> = Step<T> | (T extends Atom ? T : { readonly [Field in keyof T]: Later<T[Field]> });

declare const yields: unique symbol;

/** One use of a task with its input. Inert until the engine runs it. */
export interface Step<out T = unknown> {
  readonly task: TaskSpec;
  readonly input: unknown;
  readonly [yields]?: T;
}

/** What a task at work waits for; each has its own queue. */
export type Resource = 'network' | 'cpu' | 'disk';

/**
 * - `artifact`: bytes and facts that are the same everywhere; the answer is cached and may be made on any machine.
 * - `placed`: something in the target; the answer is its receipt there.
 * - `question`: about today (what is `master`?); asked every time, never cached.
 */
export type TaskKind = 'artifact' | 'placed' | 'question';

/** What every recipe says of itself: what it reads, what it yields, and how it is called. */
interface Recipe<In extends z.$ZodType, Out extends z.$ZodType> {
  readonly name: string;
  /** Raise it when `run` starts to mean something else; old answers then stop matching. */
  readonly revision: number;
  readonly resource: Resource;
  /** The read set: fields it does not name are dropped before the key is computed. */
  readonly input: In;
  readonly output: Out;
  /** What tells this use from others, the same from run to run: a node's name, a model's path. Known when planned. */
  about?(input: z.output<In>): string;
  /** One line for people. What a step will yield reads as `…`. */
  title(input: z.output<In>): string;
  /** What the key is made of, when that is less than the whole input (a model's mirrors are not part of the question). */
  identity?(input: z.output<In>): unknown;
  /** Whether an answer on record can be one to this input, where the input pins it. Nobody's record is believed against that. */
  fits?(input: z.output<In>, output: z.output<Out>): boolean;
  /** Bytes this step will fetch when it runs, where the input says so. */
  bytes?(input: z.output<In>): number | undefined;
  /** How much work this step is beside others (bytes it reads, say): of those that are ready, the heaviest starts first. */
  weight?(input: z.output<In>): number | undefined;
}

/** An artifact or a question. */
interface FreeTask<In extends z.$ZodType, Out extends z.$ZodType> extends Recipe<In, Out> {
  readonly kind: 'artifact' | 'question';
  run(input: z.output<In>, tools: Tools): Promise<z.input<Out>>;
}

/** Something in the target. */
interface PlacedTask<In extends z.$ZodType, Out extends z.$ZodType> extends Recipe<In, Out> {
  readonly kind: 'placed';
  /** The part of the target that this step owns; its receipt has this name. */
  slot(input: z.output<In>): string;
  /** Whether the output of an earlier run is still there. Without one: every file the receipt lists is. */
  stillThere?(output: z.output<Out>, tools: Pick<SiteTools, 'site' | 'library'>): boolean;
  run(input: z.output<In>, tools: SiteTools): Promise<z.input<Out>>;
}

/** A recipe of any kind. Its functions are methods, so that a step of any task fits where the engine holds steps. */
export type TaskSpec<In extends z.$ZodType = z.$ZodType, Out extends z.$ZodType = z.$ZodType> =
  | FreeTask<In, Out>
  | PlacedTask<In, Out>;

/** Calling a task plans it; only the engine runs it. */
export type Task<In extends z.$ZodType, Out extends z.$ZodType> = TaskSpec<In, Out> &
  ((input: Later<z.input<In>>) => Step<z.output<Out>>);

/** An artifact: the same question has the same answer on every machine, for ever. */
export const defineTask = <In extends z.$ZodType, Out extends z.$ZodType>(spec: Omit<FreeTask<In, Out>, 'kind'>) =>
  callable<In, Out>({ ...spec, kind: 'artifact' });

/** A question about today: asked at every run, its answer is written into a document and never cached. */
export const defineQuestion = <In extends z.$ZodType, Out extends z.$ZodType>(spec: Omit<FreeTask<In, Out>, 'kind'>) =>
  callable<In, Out>({ ...spec, kind: 'question' });

/** A part of the target. */
export const definePlaced = <In extends z.$ZodType, Out extends z.$ZodType>(spec: Omit<PlacedTask<In, Out>, 'kind'>) =>
  callable<In, Out>({ ...spec, kind: 'placed' });

function callable<In extends z.$ZodType, Out extends z.$ZodType>(spec: TaskSpec<In, Out>): Task<In, Out> {
  const plan = (input: Later<z.input<In>>): Step<z.output<Out>> => new PlannedStep(spec, input);
  const { name, ...rest } = spec;
  return Object.freeze(Object.assign(Object.defineProperty(plan, 'name', { value: name }), rest)) as Task<In, Out>;
}

class PlannedStep<T> implements Step<T> {
  readonly task: TaskSpec;
  readonly input: unknown;
  declare readonly [yields]?: T;
  constructor(task: TaskSpec, input: unknown) {
    this.task = task;
    this.input = input;
    Object.freeze(this);
  }
}

/** Whether a value found in an input is a step. */
export const isStep = (value: unknown): value is Step => value instanceof PlannedStep;
