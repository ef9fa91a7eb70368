import type { Answer } from '#cache';
import { type Difference, differences } from './difference.ts';
import { canonical } from './key.ts';

/**
 * Why a step runs: nobody asked it before (`new`), its question changed (`changed`, with the fields), the question is the
 * same but what was made is no longer there (`gone`), or its answer is about today (`today`).
 */
export type Reason =
  | { readonly why: 'new' | 'gone' | 'today' }
  | { readonly why: 'changed'; readonly fields: readonly Difference[] };

/** Compares a question with the one that the same step answered last time. */
export function reasonFor(asked: unknown, before: Answer | undefined): Reason {
  if (before === undefined) return { why: 'new' };
  // Through JSON, as the record was: an absent field and an undefined one are the same.
  const fields = differences(before.input, JSON.parse(canonical(asked)));
  return fields.length === 0 ? { why: 'gone' } : { why: 'changed', fields };
}
