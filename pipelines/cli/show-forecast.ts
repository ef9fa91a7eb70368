import type { Prospect } from '#engine';
import { formatBytes } from './render/format-bytes.ts';

/** A plan with what is there already: a line a step, or one JSON document. */
export function showForecast(prospects: readonly Prospect[], json: boolean): string {
  const count = (which: Prospect['prospect']): number => prospects.filter(({ prospect }) => prospect === which).length;
  const bytes = prospects.reduce((sum, step) => sum + (step.bytes ?? 0), 0);
  const totals = { hit: count('hit'), miss: count('miss'), open: count('open'), bytes_to_fetch: bytes };
  if (json) return `${JSON.stringify({ type: 'forecast', steps: prospects, ...totals })}\n`;
  const width = Math.max(...prospects.map(({ task }) => task.length));
  const lines = prospects.map(
    ({ prospect, task, title, bytes: size }) =>
      `${prospect.padEnd(5)} ${task.padEnd(width)}  ${title}${size === undefined ? '' : `  ${formatBytes(size)}`}`,
  );
  const { hit, miss, open } = totals;
  const after = open === 0 ? '' : `, ${open} depend on what those yield`;
  return `${[...lines, '', `${hit} hit, ${miss} would run${after}; ${formatBytes(bytes)} to fetch`].join('\n')}\n`;
}
