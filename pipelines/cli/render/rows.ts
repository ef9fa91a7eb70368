import { type Board, endedOf, type Ended, type Running, type Tally } from './board.ts';
import { formatCount, nounOf } from './format-count.ts';
import { formatSeconds } from './format-duration.ts';
import { shortFailure } from './format-failure.ts';
import { formatRetry } from './format-retry.ts';
import { fit, type Row } from './layout.ts';
import type { Mark } from './paint.ts';
import { formatPace, formatTransfer } from './transfer.ts';

/** A single step may be silent for this long before its row says how long it has been at work, in milliseconds. */
const quietMs = 2000;

/**
 * The live tree: a row for each task that has begun (the step itself when it has only one), below it the steps that run
 * or failed, at the end how far the run is. Never more than `height` rows.
 */
export function rowsFor(
  board: Board,
  { nowMs, height }: { readonly nowMs: number; readonly height: number },
): readonly Row[] {
  const running = Map.groupBy(board.running.values(), ({ line }) => line.task);
  const failed = Map.groupBy(board.failed, ({ line }) => line.task);
  const taskWidth = Math.max(0, ...[...board.tallies.keys()].map((task) => task.length));
  const rows = [...board.tallies.values()].flatMap((tally) => {
    const children = [
      ...(failed.get(tally.task) ?? []).map(failedRow),
      ...(running.get(tally.task) ?? []).map((step) => runningRow(step, nowMs)),
    ];
    if (children.length === 0 && endedOf(tally) === 0) return [];
    return under(tally, children, taskWidth);
  });
  return [...fit(rows, height - 1), footer(board, nowMs)];
}

function under(tally: Tally, children: readonly Row[], taskWidth: number): readonly Row[] {
  const label = tally.task.padEnd(taskWidth);
  const [only] = children;
  if (tally.steps.length > 1) return [tallyRow(tally, label), ...children];
  if (only !== undefined) return [{ ...only, level: 0, text: `${label}  ${only.text}` }];
  return [{ ...tallyRow(tally, label), text: `${label}  ${tally.steps[0]?.title ?? ''}`, detail: wayOf(tally) }];
}

function tallyRow(tally: Tally, label: string): Row {
  const { ended, steps, task } = tally;
  const count = endedOf(tally);
  const whole = formatCount(steps.length, nounOf(task));
  const ways = (['built', 'cached', 'failed', 'skipped'] as const).filter((way) => ended[way] > 0);
  const parts = ways.map((way) => `${ended[way]} ${way}`).join(', ');
  if (count < steps.length) {
    const detail = [`${count} of ${whole}`, parts].filter(Boolean).join(', ');
    return { mark: 'running', level: 0, text: label, detail, rank: 1 };
  }
  const detail = ways.length === 1 ? `${whole} ${ways[0]}` : `${whole}: ${parts}`;
  return { mark: markOf(tally), level: 0, text: label, detail, rank: 3 };
}

const wayOf = ({ ended }: Tally): string =>
  (['failed', 'skipped', 'built', 'cached'] as const).find((way) => ended[way] > 0) ?? '';

function markOf({ ended }: Tally): Mark {
  if (ended.failed > 0) return 'failed';
  if (ended.skipped > 0) return 'skipped';
  return ended.built > 0 ? 'built' : 'cached';
}

function failedRow({ line, failure }: Ended): Row {
  const detail = failure === undefined ? '' : shortFailure(failure);
  return { mark: 'failed', level: 1, text: line.title, detail, rank: 1 };
}

function runningRow(step: Running, nowMs: number): Row {
  return {
    mark: step.retry ? 'warning' : 'running',
    level: 1,
    text: step.line.title,
    detail: doingOf(step, nowMs),
    rank: 2,
  };
}

function doingOf({ retry, transfer, lastLine, reason, sinceMs }: Running, nowMs: number): string {
  if (retry !== undefined) return `retry ${formatRetry(retry.event, retry.atMs - nowMs)}`;
  if (transfer !== undefined) return formatTransfer(transfer, nowMs);
  const elapsed = nowMs - sinceMs < quietMs ? '' : formatSeconds(nowMs - sinceMs);
  return [elapsed, lastLine ?? reason].filter(Boolean).join(', ');
}

function footer(board: Board, nowMs: number): Row {
  const done = [...board.tallies.values()].reduce((sum, tally) => sum + endedOf(tally), 0);
  const whole = formatCount(Math.max(done, board.steps.size), 'step');
  return {
    mark: 'waiting',
    level: 0,
    text: `${done} of ${whole}, ${formatSeconds(nowMs - board.sinceMs)}`,
    detail: paceOf(board, nowMs),
    rank: 0,
  };
}

/** How fast everything comes together; one transfer alone says it in its own row. */
function paceOf(board: Board, nowMs: number): string {
  const transfers = [...board.running.values()].flatMap(({ transfer }) =>
    transfer?.unit === 'bytes' ? [transfer] : [],
  );
  return transfers.length > 1 ? formatPace(transfers, nowMs) : '';
}
