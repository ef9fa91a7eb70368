import type { Prospect } from '#engine';
import { formatBytes } from './render/format-bytes.ts';

/** How many steps of a plan are done, would run, or depend on those; and how much would be fetched, in bytes. */
function totalsOf(prospects: readonly Prospect[]) {
  const count = (which: Prospect['prospect']): number => prospects.filter(({ prospect }) => prospect === which).length;
  const bytes_to_fetch = prospects.reduce((sum, step) => sum + (step.bytes ?? 0), 0);
  return { hit: count('hit'), miss: count('miss'), open: count('open'), bytes_to_fetch };
}

/** A plan in one line: `12 hit, 3 would run, 4 depend on what those yield; 1.2 GB to fetch`. */
export function forecastLine(prospects: readonly Prospect[]): string {
  const { hit, miss, open, bytes_to_fetch } = totalsOf(prospects);
  const after = open === 0 ? '' : `, ${open} depend on what those yield`;
  return `${hit} hit, ${miss} would run${after}; ${formatBytes(bytes_to_fetch)} to fetch`;
}

/** A plan with what is there already: a line a step, or one JSON document. */
export function showForecast(prospects: readonly Prospect[], json: boolean): string {
  if (json) return `${JSON.stringify({ type: 'forecast', steps: prospects, ...totalsOf(prospects) })}\n`;
  const width = Math.max(...prospects.map(({ task }) => task.length));
  const lines = prospects.map(
    ({ prospect, task, title, bytes: size }) =>
      `${prospect.padEnd(5)} ${task.padEnd(width)}  ${title}${size === undefined ? '' : `  ${formatBytes(size)}`}`,
  );
  return `${[...lines, '', forecastLine(prospects)].join('\n')}\n`;
}
