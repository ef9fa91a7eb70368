import { isStep, type Step } from './task.ts';
import { unknownYet } from './unknown-yet.ts';

/** One step of a plan, with its place in it. */
export interface PlannedStep {
  /** Its index in `Plan.steps`; every step comes after the steps it needs. */
  readonly id: number;
  readonly step: Step;
  /** `fetch-node comfyui-foo`: the same from run to run, unique within the plan. */
  readonly name: string;
  readonly title: string;
  /** Ids of the steps whose outputs its input holds. */
  readonly needs: readonly number[];
}

/** The steps needed for `goal`, in an order in which they could run. Pure data: printed, drawn, counted before anything runs. */
export interface Plan<T = unknown> {
  readonly goal: Step<T>;
  readonly steps: readonly PlannedStep[];
}

/** A step can only name steps that already exist, so a plan cannot have a cycle. */
export function planFor<T>(goal: Step<T>): Plan<T> {
  const ids = new Map<Step, number>();
  const names = new Set<string>();
  const steps: PlannedStep[] = [];
  const needs = new Map<Step, readonly Step[]>();
  const open: Step[] = [goal];
  // Not recursive: a chain of ten thousand steps is a legal plan.
  while (open.length > 0) {
    const step = open.at(-1)!;
    if (ids.has(step)) {
      open.pop();
      continue;
    }
    let needed = needs.get(step);
    if (needed === undefined) {
      needed = stepsIn(step.input);
      needs.set(step, needed);
      const unseen = needed.filter((other) => !ids.has(other));
      if (unseen.length > 0) {
        open.push(...unseen.toReversed());
        continue;
      }
    }
    open.pop();
    const id = steps.length;
    ids.set(step, id);
    const name = unique(nameOf(step), names);
    steps.push({ id, step, name, title: titleOf(step, name), needs: needed.map((other) => ids.get(other)!) });
  }
  return { goal, steps };
}

/** The steps a value holds, each once, in the order of first mention. */
function stepsIn(value: unknown): readonly Step[] {
  const found = new Set<Step>();
  const visit = (part: unknown): void => {
    if (isStep(part)) found.add(part);
    else if (Array.isArray(part)) part.forEach(visit);
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(visit);
  };
  visit(value);
  return [...found];
}

/** The same value with every step replaced by what it yielded. */
export function resolve(value: unknown, yieldOf: (step: Step) => unknown): unknown {
  if (isStep(value)) return yieldOf(value);
  if (Array.isArray(value)) return value.map((item) => resolve(item, yieldOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, resolve(field, yieldOf)]));
}

function nameOf({ task, input }: Step): string {
  const about = task.about?.(resolve(input, () => unknownYet));
  return about === undefined ? task.name : `${task.name} ${about}`;
}

function titleOf({ task, input }: Step, name: string): string {
  const title = task.title(resolve(input, () => unknownYet));
  return title === '' ? name : title;
}

function unique(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let n = 2; taken.has(candidate); n++) candidate = `${name} #${n}`;
  taken.add(candidate);
  return candidate;
}
