import type { StepLine } from './event.ts';
import { Ledger, lineOf } from './ledger.ts';
import type { Plan, PlannedStep } from './plan.ts';
import { askOf } from './question.ts';
import { provesAll, recall } from './recall.ts';
import type { Workshop } from './workshop.ts';

/**
 * What would become of a step: its answer is on record (`hit`), it would run (`miss`), or that depends on what a step
 * before it yields (`open`). `bytes` is what it would fetch, where the plan says so.
 */
export interface Prospect extends StepLine {
  readonly prospect: 'hit' | 'miss' | 'open';
  readonly bytes?: number;
}

/** Looks ahead without running, fetching or writing anything. */
export async function forecast(plan: Plan, workshop: Workshop): Promise<readonly Prospect[]> {
  const ledger = new Ledger(plan, () => {});
  const prospects = new Map<number, Prospect['prospect']>();
  for (const course of ledger.courses) {
    const { id, step, needs } = course.planned;
    const known = needs.every((need) => prospects.get(need) === 'hit');
    const answer = known ? await recall(step.task, askOf(course.planned, ledger.yieldOf), workshop) : undefined;
    if (answer !== undefined) course.answer = answer;
    prospects.set(id, answer !== undefined ? 'hit' : known ? 'miss' : 'open');
  }
  // Backwards: whoever runs needs the bytes of what is before it, and a record without bytes is no hit.
  for (const course of ledger.courses.toReversed()) {
    if (prospects.get(course.planned.id) === 'hit') continue;
    for (const need of ledger.needsOf(course))
      if (need.answer !== undefined && !(await provesAll(need.answer.output, workshop)))
        prospects.set(need.planned.id, 'miss');
  }
  return plan.steps.map((planned) => ({
    ...lineOf(planned),
    prospect: prospects.get(planned.id)!,
    ...(prospects.get(planned.id) === 'hit' ? {} : bytesOf(planned)),
  }));
}

function bytesOf({ step }: PlannedStep): { readonly bytes?: number } {
  const bytes = step.task.bytes?.(step.input);
  return bytes === undefined ? {} : { bytes };
}
