import type { Event, StepLine } from '#engine';
import { formatDuration } from './format-duration.ts';

/** How wide the columns of step lines are, in characters. */
export interface Widths {
  readonly task: number;
  readonly title: number;
}

/** `skipped` and `warning`: the longest words of the first column. */
const wordWidth = 7;

/** Widths that align the lines of a plan within `columns`; longer titles are never cut, they only run over. */
export function widthsFor(steps: readonly StepLine[], columns: number): Widths {
  const task = Math.max(0, ...steps.map((step) => step.task.length));
  const longest = Math.max(0, ...steps.map((step) => oneLine(step.title).length));
  const timeWidth = '59 min 59 s'.length;
  return { task, title: Math.max(0, Math.min(longest, columns - wordWidth - task - timeWidth - 6)) };
}

/** One line of a log: `built    fetch-node  comfyui-foo @ abc1234  0.8 s`. */
export function formatStepLine(
  word: string,
  { task, title, detail }: { readonly task: string; readonly title: string; readonly detail: string },
  widths: Widths,
): string {
  const columns = [word.padEnd(wordWidth), task.padEnd(widths.task), oneLine(title).padEnd(widths.title), detail];
  return columns.join('  ').trimEnd();
}

/** One line of a log that is about no step. */
export const formatLine = (word: string, text: string): string => `${word.padEnd(wordWidth)}  ${text}`.trimEnd();

/** A line that belongs to the one above it, under its second column. */
export const formatUnder = (line: string): string => formatLine('', line);

/** A finished step's word and detail. A step that failed because the run was told to stop is `stopped`. */
export function wordsFor(
  event: Extract<Event, { type: 'step.finished' }>,
  known: { readonly reason: string | undefined; readonly titleOf: (step: number) => string | undefined },
): { readonly word: string; readonly detail: string } {
  const time = formatDuration(event.ms);
  switch (event.outcome) {
    case 'built':
      return { word: 'built', detail: known.reason ? `${time}  ${known.reason}` : time };
    case 'cached':
      return { word: 'cached', detail: '' };
    case 'failed':
      return { word: event.failure.kind === 'cancelled' ? 'stopped' : 'failed', detail: time };
    case 'skipped': {
      const because = event.because === undefined ? undefined : known.titleOf(event.because);
      return { word: 'skipped', detail: because === undefined ? '' : `needs ${because}` };
    }
  }
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
