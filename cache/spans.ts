/** A part of a file: the bytes from `from` up to, and without, `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Sorted spans that do not touch, with one more. */
export function withSpan(spans: readonly Span[], added: Span): readonly Span[] {
  if (added.from >= added.to) return spans;
  const before = spans.filter(({ to }) => to < added.from);
  const after = spans.filter(({ from }) => from > added.to);
  const touching = spans.slice(before.length, spans.length - after.length);
  const from = Math.min(added.from, ...touching.map((span) => span.from));
  const to = Math.max(added.to, ...touching.map((span) => span.to));
  return [...before, { from, to }, ...after];
}

/** What is missing of the first `total` bytes. */
export function gapsIn(spans: readonly Span[], total: number): readonly Span[] {
  const ends = [0, ...spans.map(({ to }) => to)];
  const starts = [...spans.map(({ from }) => from), total];
  return ends.map((from, n) => ({ from, to: Math.min(starts[n]!, total) })).filter(({ from, to }) => from < to);
}

/** How many bytes they are together. */
export const lengthOf = (spans: readonly Span[]): number => spans.reduce((sum, { from, to }) => sum + to - from, 0);

/** How many bytes are there from the beginning without a gap. */
export const frontOf = ([first]: readonly Span[]): number => (first?.from === 0 ? first.to : 0);

/** Whether they are sorted, do not touch, and end where `total` bytes end. */
export const isWithin = (spans: readonly Span[], total: number): boolean =>
  spans.every(({ from, to }, n) => from < to && to <= total && (n === 0 || spans[n - 1]!.to < from));
