import type { Emit, Event, StepLine, Summary, Title } from '#engine';
import { failureLines, missingLines, shortFailure } from './format-failure.ts';
import { noteLines, noteWord } from './format-note.ts';
import { describeResult } from './format-result.ts';
import { formatReason } from './format-reason.ts';
import { formatRetry } from './format-retry.ts';
import { formatLine, formatStepLine, formatUnder, type Widths, widthsFor, wordsFor } from './format-step.ts';
import { formatSummary } from './format-summary.ts';
import { lastLines } from './last-lines.ts';
import { advance, formatTransfer, type Transfer } from './transfer.ts';

/** Where lines go, how wide they should be, and what time it is (in milliseconds, from any start). */
export interface PlainFacts {
  readonly write: (text: string) => void;
  readonly columns?: number;
  readonly now?: () => number;
}

/** How often a transfer says how far it is, in milliseconds. */
const everyMs = 10_000;
/** Lines of a failed step's output that are shown. */
const shownLines = 10;

/** Lines for a log: one per finished step, now and then one for a long transfer, and whatever a person should know. */
export function plain({ write, columns = 80, now = () => performance.now() }: PlainFacts): Emit {
  const steps = new Map<number, StepLine>();
  const transfers = new Map<number, { readonly transfer: Transfer; readonly saidMs: number }>();
  const reasons = new Map<number, string>();
  const output = lastLines(shownLines);
  // Said once more at the end: whoever reads a log begins there.
  const failed: string[] = [];
  let name: Title = { pipeline: 'run', subject: '' };
  let widths: Widths = { task: 0, title: 0 };

  const say = (...lines: readonly string[]): void => write(lines.map((line) => `${line}\n`).join(''));
  const sayOf = (step: number, word: string, detail: string): void => {
    const { task, title } = steps.get(step) ?? { task: '', title: '' };
    say(formatStepLine(word, { task, title, detail }, widths));
  };
  const onProgress = (event: Extract<Event, { type: 'step.progress' }>): void => {
    const before = transfers.get(event.step);
    const transfer = advance(before?.transfer, event, now());
    const due = before !== undefined && now() - before.saidMs >= everyMs;
    transfers.set(event.step, { transfer, saidMs: before === undefined || due ? now() : before.saidMs });
    if (due) sayOf(event.step, shareOf(transfer), formatTransfer(transfer, now()));
  };
  const onFinished = (event: Extract<Event, { type: 'step.finished' }>): void => {
    const { word, detail } = wordsFor(event, {
      reason: reasons.get(event.step),
      titleOf: (step) => steps.get(step)?.title,
    });
    transfers.delete(event.step);
    reasons.delete(event.step);
    const printed = output.take(event.step);
    // What is missing is told once, when all of it is known.
    const told = event.outcome === 'failed' && word === 'failed' && event.failure.kind !== 'offline';
    const lines = told ? failureLines(event.failure, printed) : [];
    if (told) failed.push(`error: ${event.name}: ${shortFailure(event.failure)}`);
    say(formatStepLine(word, { ...event, detail }, widths), ...lines.map(formatUnder));
  };
  const onNote = (event: Extract<Event, { type: 'note' }>): void => {
    const title = event.step === undefined ? undefined : steps.get(event.step)?.title;
    const [first = '', ...others] = noteLines(event, title);
    say(formatLine(noteWord(event), first), ...others.map(formatUnder));
  };

  return (event) => {
    switch (event.type) {
      case 'run.started':
        name = event;
        steps.clear();
        for (const step of event.steps) steps.set(step.step, step);
        widths = widthsFor(event.steps, columns);
        return;
      case 'step.started':
        return void reasons.set(event.step, formatReason(event.reason));
      case 'step.progress':
        return onProgress(event);
      case 'step.output':
        return output.add(event.step, event.line);
      case 'step.retried':
        transfers.delete(event.step);
        return sayOf(event.step, 'retry', formatRetry(event));
      case 'step.finished':
        return onFinished(event);
      case 'note':
        return onNote(event);
      case 'run.finished':
        return say(...closing(name, event, failed));
    }
  };
}

/** How a log ends: what is missing, what it came to, and what failed. */
const closing = (name: Title, summary: Summary, failed: readonly string[]): readonly string[] => [
  ...missingLines(summary),
  formatSummary(name, summary),
  ...failed,
  ...(summary.ok ? describeResult(summary.result) : []),
];

const shareOf = ({ done, total }: Transfer): string =>
  total === undefined || total === 0 ? '...' : `${String(Math.floor((100 * done) / total)).padStart(3)} %`;
