import type { Timing } from './stopwatch.ts';

/** One line of the table: what was measured, what that is as a ratio, and what it may be. */
export interface Line {
  readonly what: string;
  readonly measured: string;
  /** The figure that the budget is about; absent where there was nothing to measure. */
  readonly figure?: number;
  /** `x` unless said otherwise: a ratio. */
  readonly unit?: string;
  /** The most that the figure may be; absent where it only informs. */
  readonly budget?: number;
  /** How often each command was run. */
  readonly runs?: number;
}

/** A line that holds the time of one command against that of another. */
export const against = (what: string, ours: Timing, theirs: Timing, budget?: number): Line => ({
  what,
  measured: `${inWords(ours.medianMs)} (${theirs.name}: ${inWords(theirs.medianMs)})`,
  figure: ours.medianMs / theirs.medianMs,
  runs: ours.runs,
  ...(budget === undefined ? {} : { budget }),
});

/** A line for what cannot be measured on this machine, with the reason. */
export const notHere = (what: string, because: string): Line => ({ what, measured: `not here: ${because}` });

/** A time as a person reads it. */
function inWords(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 100 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(1)} ms`;
}

const columns = ['what', 'measured', 'runs', 'figure', 'budget', ''] as const;

/** The lines as a Markdown table. */
export function table(lines: readonly Line[]): string {
  const rows = lines.map(({ what, measured, runs, figure, unit = 'x', budget }) => [
    what,
    measured,
    `${runs ?? ''}`,
    figure === undefined ? '' : `${figure.toFixed(figure < 10 ? 2 : 0)} ${unit}`,
    budget === undefined ? '' : `${Number(budget.toFixed(2))} ${unit}`,
    figure === undefined || budget === undefined ? '' : figure <= budget ? 'holds' : 'over',
  ]);
  const widths = columns.map((column, n) => Math.max(column.length, ...rows.map((row) => row[n]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
