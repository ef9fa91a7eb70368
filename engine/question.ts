import { safeParse } from 'zod/v4/core';

import { Failed } from './failure.ts';
import { type Key, keyOf } from './key.ts';
import { type PlannedStep, resolve } from './plan.ts';
import type { Step } from './task.ts';

/** A step whose input is known: what it reads, and the key of that. */
export interface Question {
  readonly key: Key;
  readonly input: unknown;
  /** What the key was made of. */
  readonly asked: unknown;
}

/** Puts the outputs of the steps it needs into a step's input. Throws `Failed` when the schema refuses the result. */
export function askOf({ step, name }: PlannedStep, yieldOf: (step: Step) => unknown): Question {
  const parsed = safeParse(step.task.input, resolve(step.input, yieldOf));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Failed({ kind: 'input', task: name, problems });
  }
  const asked: unknown = step.task.identity?.(parsed.data) ?? parsed.data;
  return { key: keyOf(step.task, asked), input: parsed.data, asked };
}

/** The output a task gave, checked by its own schema. */
export function checkOutput({ step, name }: PlannedStep, output: unknown): unknown {
  const parsed = safeParse(step.task.output, output);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `output ${path.join('.')}: ${message}`);
  throw new Failed({ kind: 'input', task: name, problems });
}
