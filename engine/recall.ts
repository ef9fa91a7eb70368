import { safeParse } from 'zod/v4/core';

import { type Answer, type Digest, isDigest } from '#cache';
import type { PlannedStep } from './plan.ts';
import type { Question } from './question.ts';
import { type Reason, reasonFor } from './reason.ts';
import type { TaskSpec } from './task.ts';
import type { Workshop } from './workshop.ts';

/** The answer on record, if it is one the task would still give. A question about today has none. */
export async function recall(
  task: TaskSpec,
  { key, input }: Question,
  { results, target, verify }: Workshop,
): Promise<Answer | undefined> {
  if (task.kind === 'question') return undefined;
  if (task.kind === 'placed') {
    const slot = task.slot(input);
    const answer = target?.site.answer(slot);
    if (target === undefined || answer?.key !== key || !safeParse(task.output, answer.output).success) return undefined;
    const there = task.stillThere ? task.stillThere(answer.output, target) : target.site.holds(slot);
    return there && (!verify || (await target.site.verifies(slot))) ? answer : undefined;
  }
  const found = results.lookup(key);
  // Awaiting a plain value costs a turn of the event loop for each of a thousand steps.
  const answer = found instanceof Promise ? await found : found;
  return answer !== undefined && fits(task, input, answer) ? answer : undefined;
}

/** Whether a record is an answer that the task could have given. Others may have written it. */
function fits(task: TaskSpec, input: unknown, { output }: Answer): boolean {
  const parsed = safeParse(task.output, output);
  return parsed.success && (task.fits?.(input, parsed.data) ?? true);
}

/** Why a step is about to run: what became of the answer it gave last time, in the target's receipt or in the last run. */
export function reasonOf(
  { step: { task }, name }: PlannedStep,
  { input, asked }: Question,
  { previous, target }: Workshop,
): Reason {
  if (task.kind === 'question') return { why: 'today' };
  return reasonFor(asked, task.kind === 'placed' ? target?.site.answer(task.slot(input)) : previous?.(name));
}

/** Whether the store holds the true bytes of everything an output names. */
export async function provesAll(output: unknown, { proves, verify }: Workshop): Promise<boolean> {
  const proofs = digestsIn(output).map(async (digest) => proves(digest, { rehash: verify }));
  return (await Promise.all(proofs)).every(Boolean);
}

/** The digests an output names, wherever they stand in it. */
export function digestsIn(output: unknown): readonly Digest[] {
  if (isDigest(output)) return [output];
  if (typeof output !== 'object' || output === null) return [];
  return Object.values(output).flatMap(digestsIn);
}
