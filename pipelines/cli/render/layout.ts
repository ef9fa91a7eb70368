import type { Mark } from './paint.ts';

/** One line of the live tree. `text` gives way to `detail`; when not all rows fit, those of the highest `rank` go first. */
export interface Row {
  readonly mark: Mark;
  readonly level: 0 | 1;
  readonly text: string;
  readonly detail: string;
  readonly rank: number;
}

/** At most `height` rows: what matters least is left out, and counted. */
export function fit(rows: readonly Row[], height: number): readonly Row[] {
  if (rows.length <= height) return rows;
  const kept = new Set(rows.toSorted((one, other) => one.rank - other.rank).slice(0, Math.max(0, height - 1)));
  const more: Row = { mark: 'waiting', level: 0, text: `${rows.length - kept.size} more rows`, detail: '', rank: 0 };
  return [...rows.filter((row) => kept.has(row)), more];
}

/** Room that is left for what a step is doing: `120.1 of 335.0 MB, 5.2 MB/s, 41 s left`. */
const detailWidth = 40;

/**
 * Rows cut to `columns`, signs and indent counted. What running steps do stands in one column, whose place depends on
 * titles alone, so that it does not jump.
 */
export function layOut(rows: readonly Row[], columns: number): readonly Row[] {
  const longest = Math.max(0, ...rows.filter(({ level }) => level === 1).map(({ text }) => text.length));
  return rows.map((row) => {
    // Two for the sign, two that the screen leaves free.
    const room = Math.max(8, columns - 4 - 2 * row.level);
    const most = row.detail === '' ? room : Math.max(Math.floor(room / 3), room - detailWidth - 2);
    const text = clip(row.text, row.level === 1 ? most : Math.max(most, room - row.detail.length - 2));
    const padded = row.level === 1 && row.detail !== '' ? text.padEnd(Math.min(longest, most)) : text;
    return { ...row, text: padded, detail: clip(row.detail, room - padded.length - 2) };
  });
}

function clip(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 2 ? '' : `${text.slice(0, width - 1).trimEnd()}…`;
}
