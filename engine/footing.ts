import type { Digest } from '#cache';
import { Ledger } from './ledger.ts';
import type { Plan } from './plan.ts';
import { askOf } from './question.ts';
import { digestsIn, provesAll, recall } from './recall.ts';
import type { Workshop } from './workshop.ts';

/** What a plan stands on: with this, and nothing else of a cache, it is carried out as with all of it. */
export interface Footing {
  /** The keys of answers that are on record. */
  readonly keys: ReadonlySet<string>;
  /** What somebody has to read: not the wheel, where what was unpacked from it is there. */
  readonly digests: ReadonlySet<Digest>;
  /** The names of artifacts that would be made, for they are not there. */
  readonly missing: readonly string[];
}

/** Finds what a plan stands on, as if nothing were in its target yet. Runs, fetches and writes nothing. */
export async function footingOf(plan: Plan, workshop: Workshop): Promise<Footing> {
  const ledger = new Ledger(plan, () => {});
  const keys = new Set<string>();
  for (const course of ledger.courses) {
    const { step } = course.planned;
    const isAsked = ledger.needsOf(course).every(({ answer }) => answer !== undefined);
    if (step.task.kind !== 'artifact' || !isAsked) continue;
    const answer = await recall(step.task, askOf(course.planned, ledger.yieldOf), workshop);
    if (answer === undefined) continue;
    course.answer = answer;
    keys.add(answer.key);
  }
  const digests = new Set<Digest>();
  const missing: string[] = [];
  const wanted = new Set<number>();
  // Backwards: whoever runs needs the bytes of what is before it.
  for (const { planned, answer } of ledger.courses.toReversed()) {
    const isArtifact = planned.step.task.kind === 'artifact';
    if (isArtifact && answer !== undefined) {
      if (!wanted.has(planned.id)) continue;
      for (const digest of digestsIn(answer.output)) digests.add(digest);
      if (await provesAll(answer.output, workshop)) continue;
    }
    if (isArtifact) missing.push(planned.name);
    for (const need of planned.needs) wanted.add(need);
  }
  return { keys, digests, missing: missing.toReversed() };
}
