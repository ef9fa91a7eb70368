import type { Event } from '#engine';
import { formatBytes, formatShare } from './format-bytes.ts';
import { formatCount } from './format-count.ts';
import { formatSeconds } from './format-duration.ts';

/** How far a step has come, with what is needed to tell how fast it is. */
export interface Transfer {
  readonly done: number;
  readonly total?: number;
  readonly unit: 'bytes' | 'files' | 'steps';
  /** Oldest first: those of the last `windowMs`, and one before them. */
  readonly samples: readonly { readonly atMs: number; readonly done: number }[];
}

/** Speed is what came within this time. */
const windowMs = 5000;
/** Closer samples would only cost memory. */
const spacingMs = 250;

/** The transfer after one more progress event. */
export function advance(
  before: Transfer | undefined,
  { done, total, unit }: Extract<Event, { type: 'step.progress' }>,
  nowMs: number,
): Transfer {
  const known = { done, unit, ...(total === undefined ? {} : { total }) };
  const sample = { atMs: nowMs, done };
  const last = before?.samples.at(-1);
  // Less than before: a new attempt, or another file.
  if (before === undefined || last === undefined || done < before.done) return { ...known, samples: [sample] };
  if (nowMs - last.atMs < spacingMs) return { ...known, samples: before.samples };
  const oldest = before.samples.findLastIndex(({ atMs }) => nowMs - atMs >= windowMs);
  return { ...known, samples: [...before.samples.slice(Math.max(0, oldest)), sample] };
}

/** `12.1 of 18.4 MB, 5.2 MB/s, 2 s left`; says so when nothing comes any more. */
export function formatTransfer(transfer: Transfer, nowMs: number): string {
  const { done, total, unit, samples } = transfer;
  const share = unit === 'bytes' ? bytesOf(done, total) : countOf(done, total, unit);
  const silentMs = nowMs - (samples.at(-1)?.atMs ?? nowMs);
  if (silentMs > windowMs) return `${share}, nothing for ${formatSeconds(silentMs)}`;
  if (unit !== 'bytes') return share;
  const pace = formatPace([transfer], nowMs);
  return pace === '' ? share : `${share}, ${pace}`;
}

/** `5.2 MB/s, 2 s left`: how fast bytes come in several transfers together; nothing as long as that cannot be told. */
export function formatPace(transfers: readonly Transfer[], nowMs: number): string {
  const perSecond = transfers.reduce((sum, transfer) => sum + speedOf(transfer, nowMs), 0);
  if (perSecond <= 0) return '';
  const missing = transfers.reduce((sum, { done, total = Number.NaN }) => sum + Math.max(0, total - done), 0);
  const leftMs = (missing / perSecond) * 1000;
  return `${formatBytes(perSecond)}/s${leftMs > 0 ? `, ${formatSeconds(Math.max(1000, leftMs))} left` : ''}`;
}

/** Bytes a second; 0 when nothing comes any more, or not long enough to tell. */
function speedOf({ done, samples, unit }: Transfer, nowMs: number): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || unit !== 'bytes' || nowMs - last.atMs > windowMs) return 0;
  const elapsedMs = nowMs - first.atMs;
  return elapsedMs < 2 * spacingMs ? 0 : ((done - first.done) / elapsedMs) * 1000;
}

const bytesOf = (done: number, total: number | undefined): string =>
  total === undefined ? formatBytes(done) : formatShare(done, total);

function countOf(done: number, total: number | undefined, unit: 'files' | 'steps'): string {
  const noun = unit === 'files' ? 'file' : 'step';
  return total === undefined ? formatCount(done, noun) : `${done} of ${formatCount(total, noun)}`;
}
