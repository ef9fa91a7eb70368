import { randomUUID } from 'node:crypto';

import type { Emit, Event } from '#engine';
import { annotation, data } from './annotation.ts';
import { failureLines, missingLines } from './format-failure.ts';
import { noteLines } from './format-note.ts';
import { lastLines } from './last-lines.ts';
import { plain, type PlainFacts } from './plain.ts';

/** `token` makes the words that switch commands off and on; nobody whose output is shown may guess one. */
export interface GithubFacts extends PlainFacts {
  readonly token?: () => string;
}

/** Lines of one step's output that are kept for its group. */
const keptLines = 1000;

/**
 * Lines as GitHub Actions reads them: the plain log, in which what a step printed is a group, cached steps are one
 * group, and failures and warnings are annotations.
 */
export function github({ write, token = randomUUID, ...facts }: GithubFacts): Emit {
  const drafts: string[] = [];
  const drafting = plain({ ...facts, write: (text) => drafts.push(text) });
  /** What the plain log says of an event, as lines. */
  const linesFor = (event: Event): readonly string[] => {
    drafting(event);
    return drafts.splice(0).flatMap((text) => text.split('\n').slice(0, -1));
  };
  const say = (lines: readonly string[]): void => {
    for (const line of disarmed(lines, token)) write(`${line}\n`);
  };
  const group = (title: string, lines: readonly string[]): void => {
    write(`::group::${data(title)}\n`);
    say(lines);
    write('::endgroup::\n');
  };
  const annotate = (level: 'error' | 'warning', title: string, lines: readonly string[]): void =>
    write(annotation(level, title, lines));

  const titles = new Map<number, string>();
  const output = lastLines(keptLines);
  let cached: string[] = [];
  const closeCached = (): void => {
    if (cached.length > 0) group(cached.length === 1 ? '1 step cached' : `${cached.length} steps cached`, cached);
    cached = [];
  };
  const onFinished = (event: Extract<Event, { type: 'step.finished' }>): void => {
    // The failure itself is left to the annotation, which the runner prints where it stands.
    const [first = ''] = linesFor(event);
    const printed = output.take(event.step);
    if (event.outcome === 'cached') return void cached.push(first);
    if (printed.length > 0) group(first, printed);
    else say([first]);
    if (event.outcome === 'failed' && !['cancelled', 'offline'].includes(event.failure.kind))
      annotate('error', `${event.task} ${event.title}`, failureLines(event.failure));
  };

  const onEnd = (event: Extract<Event, { type: 'run.finished' }>): void => {
    const { missing, ...rest } = event;
    closeCached();
    if (missing !== undefined) annotate('error', 'Not in the cache', missingLines(event));
    say(linesFor(rest));
  };

  return (event) => {
    switch (event.type) {
      case 'run.started':
        titles.clear();
        for (const { step, task, title } of event.steps) titles.set(step, `${task} ${title}`);
        return say(linesFor(event));
      case 'step.output':
        return output.add(event.step, event.line);
      case 'step.finished':
        return onFinished(event);
      case 'note': {
        if (event.level === 'info') return say(linesFor(event));
        const title = event.step === undefined ? undefined : titles.get(event.step);
        return annotate('warning', title ?? 'pipeline', noteLines(event, undefined));
      }
      case 'run.finished':
        return onEnd(event);
      case 'step.started':
      case 'step.progress':
      case 'step.retried':
        return say(linesFor(event));
    }
  };
}

/** Lines that others wrote must not be taken for commands: where one could be, the runner is told not to listen. */
function disarmed(lines: readonly string[], token: () => string): readonly string[] {
  if (!lines.some((line) => /^\s*::|##\[/.test(line))) return lines;
  const word = token();
  return [`::stop-commands::${word}`, ...lines, `::${word}::`];
}
