/** One line of the table: what was measured, what that is as a ratio, and what it may be. */
export interface Line {
  readonly what: string;
  readonly measured: string;
  /** The figure that the budget is about. */
  readonly figure: number;
  readonly unit: string;
  readonly budget: number;
}

const columns = ['what', 'measured', 'figure', 'budget', ''] as const;

/** The lines as a Markdown table. */
export function table(lines: readonly Line[]): string {
  const rows = lines.map(({ what, measured, figure, unit, budget }) => [
    what,
    measured,
    `${figure.toFixed(figure < 10 ? 2 : 0)} ${unit}`,
    `${budget} ${unit}`,
    figure <= budget ? 'holds' : 'over',
  ]);
  const widths = columns.map((column, n) => Math.max(column.length, ...rows.map((row) => row[n]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
