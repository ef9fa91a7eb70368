import type { StepLine } from './event.ts';
import { Ledger, lineOf } from './ledger.ts';
import type { Plan, PlannedStep } from './plan.ts';
import { askOf } from './question.ts';
import type { Reason } from './reason.ts';
import { provesAll, reasonOf, recall } from './recall.ts';
import type { Workshop } from './workshop.ts';

/**
 * What would become of a step: its answer is on record (`hit`), it would run (`miss`), or that depends on what a step
 * before it yields (`open`). `bytes` is what it would fetch, where the plan says so.
 */
export interface Prospect extends StepLine {
  readonly prospect: 'hit' | 'miss' | 'open';
  readonly bytes?: number;
  /** Why it would run, where that is known already. */
  readonly reason?: Reason;
}

/** Looks ahead without running, fetching or writing anything. */
export async function forecast(plan: Plan, workshop: Workshop): Promise<readonly Prospect[]> {
  const ledger = new Ledger(plan, () => {});
  const prospects = new Map<number, Prospect['prospect']>();
  const reasons = new Map<number, Reason>();
  for (const course of ledger.courses) {
    const { id, step, needs } = course.planned;
    const known = needs.every((need) => prospects.get(need) === 'hit');
    prospects.set(id, known ? 'miss' : 'open');
    if (!known) continue;
    const question = askOf(course.planned, ledger.yieldOf);
    const answer = await recall(step.task, question, workshop);
    if (answer === undefined) reasons.set(id, reasonOf(course.planned, question, workshop));
    else {
      course.answer = answer;
      prospects.set(id, 'hit');
    }
  }
  // Backwards: whoever runs needs the bytes of what is before it, and a record without bytes is no hit.
  for (const course of ledger.courses.toReversed()) {
    if (prospects.get(course.planned.id) === 'hit') continue;
    for (const need of ledger.needsOf(course))
      if (need.answer !== undefined && !(await provesAll(need.answer.output, workshop))) setMiss(need.planned.id);
  }
  return plan.steps.map((planned) => {
    const prospect = prospects.get(planned.id)!;
    const reason = reasons.get(planned.id);
    const rest = prospect === 'hit' ? {} : { ...bytesOf(planned), ...(reason === undefined ? {} : { reason }) };
    return { ...lineOf(planned), prospect, ...rest };
  });

  function setMiss(id: number): void {
    prospects.set(id, 'miss');
    reasons.set(id, { why: 'gone' });
  }
}

function bytesOf({ step }: PlannedStep): { readonly bytes?: number } {
  const bytes = step.task.bytes?.(step.input);
  return bytes === undefined ? {} : { bytes };
}
