import type { Answer } from '#cache';
import type { Failure } from './failure.ts';
import type { PlannedStep } from './plan.ts';
import { checkOutput, type Question } from './question.ts';
import { provesAll, reasonOf, recall } from './recall.ts';
import { attempts, withRetries } from './retry.ts';
import type { Report } from './tools.ts';
import type { Workshop } from './workshop.ts';

/** One step at work. */
export interface Work {
  readonly planned: PlannedStep;
  readonly question: Question;
  /** How long it waited in its queue. */
  readonly waitedMs: number;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** An answer, and whether this process made it: another one may have, while this one waited for it. */
export interface Made {
  readonly answer: Answer;
  readonly outcome: 'built' | 'cached';
}

/**
 * Makes a step's answer and records it. What comes over the network is claimed first, so that two processes do not
 * fetch the same thing; whoever waited looks once more before it works.
 */
export async function perform(work: Work, workshop: Workshop): Promise<Made> {
  const { planned, question, waitedMs, signal } = work;
  const { task } = planned.step;
  signal.throwIfAborted();
  const { id, title } = planned;
  workshop.emit({
    type: 'step.started',
    step: id,
    task: task.name,
    title,
    reason: reasonOf(planned, question, workshop),
    waited_ms: waitedMs,
  });
  if (task.resource !== 'network' || task.kind !== 'artifact') return execute(work, workshop);
  const afterWaiting = async (): Promise<Made> => {
    const answer = await recall(task, question, workshop);
    const isThere = answer !== undefined && (await provesAll(answer.output, workshop));
    return isThere ? { answer, outcome: 'cached' } : execute(work, workshop);
  };
  return workshop.claims.hold(question.key, afterWaiting, { signal });
}

async function execute({ planned, question, signal, report }: Work, workshop: Workshop): Promise<Made> {
  const { task } = planned.step;
  const { key, input } = question;
  const began = performance.now();
  const once = async (): Promise<unknown> => workshop.executor.run({ planned, key, input, signal, report });
  const onRetry = (attempt: number, failure: Failure, waitMs: number): void =>
    workshop.emit({ type: 'step.retried', step: planned.id, attempt, attempts, failure, wait_ms: waitMs });
  const raw =
    task.resource === 'network' ? await withRetries(once, { signal, wait: workshop.wait, onRetry }) : await once();
  const answer: Answer = {
    key,
    task: task.name,
    input: question.asked,
    output: checkOutput(planned, raw),
    at: new Date().toISOString(),
    ms: Math.round(performance.now() - began),
  };
  if (task.kind === 'artifact') await workshop.results.save(answer);
  if (task.kind === 'placed') workshop.target!.site.stageAnswer(task.slot(input), answer);
  return { answer, outcome: 'built' };
}
