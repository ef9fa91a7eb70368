import PQueue from 'p-queue';

import type { Answer } from '#cache';
import type { Summary } from './event.ts';
import { exitCodeOfStop, type Failure, toFailure } from './failure.ts';
import type { Key } from './key.ts';
import { announce, type Course, Ledger, succeeded } from './ledger.ts';
import { type Made, perform } from './perform.ts';
import type { Plan } from './plan.ts';
import { askOf, type Question } from './question.ts';
import { provesAll, recall } from './recall.ts';
import type { Resource } from './task.ts';
import type { Report } from './tools.ts';
import type { Workshop } from './workshop.ts';

/** What a run came to. `output` is the goal's, when all went well. */
export interface Ran<T> {
  readonly summary: Summary;
  readonly output?: T;
  readonly failures: readonly Failure[];
}

/**
 * Runs a plan. Never throws for a failed step: failures are outcomes, and outcomes are events.
 *
 * A step whose answer is on record is cached; the bytes behind it are proven only when somebody needs them, so that a
 * run in which nothing changed reads records and receipts and touches no store.
 */
export async function run<T>(plan: Plan<T>, title: Title, workshop: Workshop): Promise<Ran<T>> {
  const ledger = new Ledger(plan, workshop.emit);
  workshop.emit({ type: 'run.started', ...title, steps: plan.steps.map(announce) });
  await new Run(ledger, workshop).finish();
  await workshop.settle?.();
  const summary = ledger.summary(workshop.signal.aborted ? exitCodeOfStop(workshop.signal.reason) : undefined);
  const output = summary.ok ? { output: ledger.yieldOf(plan.goal) as T } : {};
  return { summary, failures: ledger.failures, ...output };
}

/** How often a step is begun anew because what it needs is taken away while it works. */
const mostLosses = 5;

/** What a step that is made again still tells. */
const hushed = (report: Report): Report => ({ ...report, progress: () => {}, line: () => {} });

/** What a run is called: `realize demo`. */
export interface Title {
  readonly pipeline: string;
  readonly subject: string;
}

/** The courses of one run, and the rules by which each goes on. */
class Run {
  readonly #ledger: Ledger;
  readonly #workshop: Workshop;
  readonly #stopper = new AbortController();
  readonly #signal: AbortSignal;
  readonly #inFlight = new Map<Key, Promise<Made>>();
  readonly #queues = new Map<Resource, PQueue>();

  constructor(ledger: Ledger, workshop: Workshop) {
    this.#ledger = ledger;
    this.#workshop = workshop;
    this.#signal = AbortSignal.any([workshop.signal, this.#stopper.signal]);
  }

  /** Resolves when every step has finished. */
  async finish(): Promise<void> {
    const { courses } = this.#ledger;
    for (const course of courses) course.settled = this.#settle(course);
    for (const { settled } of courses) await settled;
    await this.#demand(courses.at(-1)!);
  }

  /** Finds a step's output: on record, or by making it. */
  async #settle(course: Course): Promise<void> {
    const needs = this.#ledger.needsOf(course);
    if (this.#isSure(course)) for (const need of needs) void need.settled.then(async () => this.#demand(need));
    for (const { settled } of needs) await settled;
    await this.#guard(course, async () => {
      // Also for a step that something stops already: one run tells everything that is missing.
      if (this.#failedNeed(course) !== undefined && !this.#signal.aborted) await this.#demandNeeds(course);
      if (this.#blocked(course)) return;
      const question = askOf(course.planned, this.#ledger.yieldOf);
      const answer = await recall(course.planned.step.task, question, this.#workshop);
      if (answer === undefined) await this.#make(course, question);
      else await this.#accept(course, answer);
    });
  }

  /** Whether a step will run whatever its needs come to: nothing is placed yet. Their bytes are proven while others work. */
  #isSure({ planned }: Course): boolean {
    const { target } = this.#workshop;
    return planned.step.task.kind === 'placed' && target !== undefined && target.site.slots().length === 0;
  }

  /** Takes an answer from the record. An artifact's bytes are proven later, if anybody needs them. */
  async #accept(course: Course, answer: Answer): Promise<void> {
    course.answer = answer;
    if (course.planned.step.task.kind === 'placed') this.#ledger.finish(course, { outcome: 'cached' });
    else if (this.#workshop.verify) await this.#demand(course);
  }

  /** Whether the bytes behind a step's output are in the store; makes them when they are not. */
  #demand(course: Course): Promise<boolean> {
    return (course.demanded ??= this.#prove(course));
  }

  async #prove(course: Course): Promise<boolean> {
    const { answer } = course;
    if (course.outcome === undefined && answer !== undefined)
      await this.#guard(course, async () => {
        if (await provesAll(answer.output, this.#workshop)) this.#ledger.finish(course, { outcome: 'cached' });
        else await this.#make(course, askOf(course.planned, this.#ledger.yieldOf));
      });
    return succeeded(course);
  }

  async #demandNeeds(course: Course): Promise<void> {
    await Promise.all(this.#ledger.needsOf(course).map((need) => this.#demand(need)));
  }

  /** Runs a step, after making sure of the bytes of everything it needs. */
  async #make(course: Course, asked: Question): Promise<void> {
    await this.#demandNeeds(course);
    if (this.#blocked(course)) return;
    const question = askOf(course.planned, this.#ledger.yieldOf);
    // A need whose bytes were lost may have been made anew and come out different: that is another question.
    const renewed =
      question.key === asked.key ? undefined : await recall(course.planned.step.task, question, this.#workshop);
    const joined = this.#inFlight.get(question.key);
    const isRenewed = renewed !== undefined && (await provesAll(renewed.output, this.#workshop));
    const made = isRenewed ? { answer: renewed } : await (joined ?? this.#insist(course, question));
    course.answer = made.answer;
    this.#ledger.finish(course, { outcome: joined === undefined && 'outcome' in made ? made.outcome : 'cached' });
  }

  /** Makes a step's answer. What `gc` took after it was proven is a miss and no failure: it is made again, and then the step. */
  #insist(course: Course, question: Question): Promise<Made> {
    const attempt = async (n: number, asked: Question): Promise<Made> => {
      try {
        return await this.#enqueue(course, asked, n > 1 || course.outcome !== undefined);
      } catch (thrown) {
        if (n === mostLosses || this.#signal.aborted || !(await this.#recovers(course, thrown))) throw thrown;
        return attempt(n + 1, askOf(course.planned, this.#ledger.yieldOf));
      }
    };
    const flight = attempt(1, question);
    this.#inFlight.set(question.key, flight);
    return flight;
  }

  /** Whether a failure was for want of bytes that were there when they were proven; they are there again then. */
  async #recovers(course: Course, thrown: unknown): Promise<boolean> {
    const restored = await Promise.all(this.#ledger.needsOf(course).map((need) => this.#restore(need)));
    return restored.some(Boolean) || (this.#workshop.isLoss?.(thrown) ?? false);
  }

  /** Makes the bytes behind an output again when they are gone, however deep that goes. Answers whether they were. */
  async #restore(course: Course): Promise<boolean> {
    const { answer, planned } = course;
    if (answer === undefined || planned.step.task.kind !== 'artifact') return false;
    if (await provesAll(answer.output, this.#workshop)) return false;
    course.restoring ??= this.#makeAgain(course).finally(() => delete course.restoring);
    await course.restoring;
    return true;
  }

  async #makeAgain(course: Course): Promise<void> {
    const text = 'It was taken out of the store meanwhile, and is made again';
    this.#workshop.emit({ type: 'note', level: 'info', text, step: course.planned.id });
    await Promise.all(this.#ledger.needsOf(course).map((need) => this.#restore(need)));
    course.answer = (await this.#insist(course, askOf(course.planned, this.#ledger.yieldOf))).answer;
  }

  /** `again`: how it begins and goes has been told, and perhaps how it ended. */
  async #enqueue(course: Course, question: Question, again: boolean): Promise<Made> {
    const { planned } = course;
    const { task } = planned.step;
    const readyAt = performance.now();
    const work = async (): Promise<Made> => {
      course.startedAt = performance.now();
      const report = this.#ledger.reportFor(planned.id);
      const waitedMs = Math.round(course.startedAt - readyAt);
      const order = { planned, question, waitedMs, signal: this.#signal, report: again ? hushed(report) : report };
      const workshop = again ? { ...this.#workshop, emit: () => {} } : this.#workshop;
      // Taken here: the next step of the queue may begin before anybody hears of this one's end.
      return perform(order, workshop).finally(() => (course.endedAt = performance.now()));
    };
    return this.#queueFor(task.resource).add(work, { priority: task.weight?.(question.input) ?? 0 });
  }

  /** The one place that catches. */
  async #guard(course: Course, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      const failure = toFailure(thrown);
      if (this.#signal.aborted && failure.kind !== 'bug') return this.#ledger.finish(course, { outcome: 'skipped' });
      this.#ledger.fail(course, failure);
      // Without the network, one run tells everything that is missing.
      if (!this.#workshop.keepGoing && failure.kind !== 'offline') this.#stopper.abort();
    }
  }

  /** Skips a step that waits for something that failed, or that comes after the stop. */
  #blocked(course: Course): boolean {
    const failed = this.#failedNeed(course);
    if (failed !== undefined) this.#ledger.finish(course, { outcome: 'skipped', because: failed.planned.id });
    else if (this.#signal.aborted) this.#ledger.finish(course, { outcome: 'skipped' });
    return course.outcome !== undefined;
  }

  #failedNeed(course: Course): Course | undefined {
    return this.#ledger.needsOf(course).find((need) => need.outcome !== undefined && !succeeded(need));
  }

  #queueFor(resource: Resource): PQueue {
    const queue = this.#queues.get(resource) ?? new PQueue({ concurrency: this.#workshop.limits[resource] });
    this.#queues.set(resource, queue);
    return queue;
  }
}
