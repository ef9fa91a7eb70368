import { expect, test } from 'vitest';

import { boardFor, post } from '../../pipelines/cli/render/board.ts';
import { rowsFor } from '../../pipelines/cli/render/rows.ts';

const steps = [1, 2].map((step) => ({ step, task: 'fetch-model', name: `fetch-model ${step}`, title: `${step}.bin` }));

/** The last row's detail when these many of two models come in, at 1 and 2 MB/s, each of 10 MB. */
function footer(count: number): string {
  const board = boardFor({ pipeline: 'realize', subject: 'demo', steps }, 0);
  for (const { step, task, title } of steps.slice(0, count)) {
    post(board, { type: 'step.started', step, task, title, reason: { why: 'new' } }, 0);
    for (const second of [0, 1, 2]) {
      const done = step * second * 1_000_000;
      post(board, { type: 'step.progress', step, done, total: 10_000_000, unit: 'bytes' }, second * 1_000);
    }
  }
  return rowsFor(board, { nowMs: 2_000, height: 20 }).at(-1)!.detail;
}

test('the last row of the screen tells how fast all transfers are together, and when they will be done', () => {
  expect(footer(2)).toBe('3.0 MB/s, 5 s left');
});

test('one transfer alone tells that in its own row', () => {
  expect(footer(1)).toBe('');
});
