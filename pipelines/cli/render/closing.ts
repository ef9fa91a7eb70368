import type { Summary } from '#engine';
import type { Board, Ended, Tally } from './board.ts';
import { formatCounts } from './format-count.ts';
import { formatDuration } from './format-duration.ts';
import { failureLines, missingLines } from './format-failure.ts';
import { noteLines } from './format-note.ts';
import { describeResult } from './format-result.ts';
import { formatSummary } from './format-summary.ts';
import type { Mark, Paint } from './paint.ts';

/** Built steps are listed one by one up to here; more are counted. */
const listed = 8;

/** What stays on the screen when a run has ended: what was built and cached, each failure in full, notes, the summary. */
export function closingLines(board: Board, summary: Summary, paint: Paint): readonly string[] {
  const lines = [
    ...builtLines(board, paint),
    ...countLine(board, 'cached', paint),
    ...countLine(board, 'skipped', paint),
    ...board.failed.flatMap((ended) => failedLines(ended, paint)),
    ...missingOf(summary, paint),
    ...board.notes.flatMap((note) => noted(note, titleOf(board, note.step), paint)),
  ];
  const last = formatSummary(board.name, summary);
  const result = summary.ok ? describeResult(summary.result) : [];
  return [...lines, ...(lines.length > 0 ? [''] : []), paint.bold(last), ...result];
}

function builtLines(board: Board, paint: Paint): readonly string[] {
  if (board.built.length > listed) return countLine(board, 'built', paint);
  const width = Math.max(0, ...board.built.map(({ line }) => line.task.length));
  return board.built.map(
    ({ line, ms, reason }) =>
      `${paint.sign('built')} ${line.task.padEnd(width)}  ${line.title}  ${paint.dim([formatDuration(ms), reason].filter(Boolean).join('  '))}`,
  );
}

function countLine(board: Board, way: keyof Tally['ended'] & Mark, paint: Paint): readonly string[] {
  const counts = formatCounts(
    [...board.tallies.values()].map(({ task, ended, steps }) => ({ task, count: ended[way], of: steps.length })),
  );
  return counts === '' ? [] : [`${paint.sign(way)} ${counts} ${way}`];
}

function failedLines({ line, failure, output }: Ended, paint: Paint): readonly string[] {
  if (failure === undefined || failure.kind === 'cancelled' || failure.kind === 'offline') return [];
  return [
    `${paint.sign('failed')} ${paint.of('failed', `${line.task}  ${line.title}`)}`,
    ...failureLines(failure, output).map((text) => `  ${brightened(text, paint)}`),
  ];
}

/** What is missing, whichever steps needed it. */
function missingOf(summary: Summary, paint: Paint): readonly string[] {
  const [first, ...others] = missingLines(summary);
  if (first === undefined) return [];
  return [
    `${paint.sign('failed')} ${paint.of('failed', first)}`,
    ...others.map((text) => `  ${brightened(text, paint)}`),
  ];
}

const brightened = (text: string, paint: Paint): string =>
  text.startsWith('hint: ') ? paint.of('warning', text) : text;

const titleOf = ({ steps }: Board, step: number | undefined): string | undefined =>
  step === undefined ? undefined : steps.get(step)?.title;

/** A note with its sign, the step it is about named first. */
export function noted(note: Board['notes'][number], title: string | undefined, paint: Paint): readonly string[] {
  const [first = '', ...others] = noteLines(note, title);
  return [
    `${paint.sign(note.level === 'warning' ? 'warning' : 'note')} ${first}`,
    ...others.map((line) => `  ${line}`),
  ];
}
