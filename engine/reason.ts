import { type Difference, differences } from './difference.ts';
import { canonical } from './key.ts';
import type { PlannedStep } from './plan.ts';
import type { Question } from './question.ts';
import type { Workshop } from './workshop.ts';

/**
 * Why a step runs: nobody asked it before (`new`), its question changed (`changed`, with the fields), the question is the
 * same but what was made is no longer there (`gone`), or its answer is about today (`today`).
 */
export type Reason =
  | { readonly why: 'new' | 'gone' | 'today' }
  | { readonly why: 'changed'; readonly fields: readonly Difference[] };

/** Compares a step's question with the one it answered last time: in the target's receipt, or in the last run. */
export function reasonOf(
  { step: { task }, name }: PlannedStep,
  { input, asked }: Question,
  { previous, target }: Workshop,
): Reason {
  if (task.kind === 'question') return { why: 'today' };
  const before = task.kind === 'placed' ? target?.site.answer(task.slot(input)) : previous?.(name);
  if (before === undefined) return { why: 'new' };
  // Through JSON, as the record was: an absent field and an undefined one are the same.
  const fields = differences(before.input, JSON.parse(canonical(asked)));
  return fields.length === 0 ? { why: 'gone' } : { why: 'changed', fields };
}
