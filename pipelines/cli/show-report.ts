import type { Line } from '../import/found.ts';

const widest = 60;

/** What became of everything in a source, a line each: `taken    node comfyui-kjnodes 1.1.2  from the registry`. */
export function showReport(lines: readonly Line[]): string {
  const width = Math.min(widest, Math.max(0, ...lines.map(({ what }) => what.length)));
  const rows = lines.map(({ fate, what, why }) => `${fate.padEnd(7)}  ${oneLine(what).padEnd(width)}  ${oneLine(why)}`);
  const counts = (['taken', 'guessed', 'lost'] as const).map(
    (fate) => `${lines.filter((line) => line.fate === fate).length} ${fate}`,
  );
  return [...rows, counts.join(', ')].map((row) => `${row}\n`).join('');
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
