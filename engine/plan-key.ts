import { type Key, keyOf } from './key.ts';
import { type Plan, resolve } from './plan.ts';
import { askOf } from './question.ts';
import type { Step } from './task.ts';

/**
 * The key of a whole plan: of its tasks, their revisions, and everything that is known before anything runs. It differs
 * whenever the plan would do anything else. Nothing is looked up: what a step will yield counts as the key of that step.
 */
export function planKey({ goal, steps }: Plan): Key {
  const keys = new Map<Step, Key>();
  const keyOfStep = (step: Step): unknown => keys.get(step);
  for (const planned of steps) {
    const { step, needs } = planned;
    // Where all is known it is asked as it will be: a model's mirrors are not part of the question.
    const asked = needs.length === 0 ? askOf(planned, keyOfStep).asked : resolve(step.input, keyOfStep);
    keys.set(step, keyOf(step.task, asked));
  }
  return keys.get(goal)!;
}
