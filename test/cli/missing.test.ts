import { expect, test } from 'vitest';

import type { Event, StepLine, Summary } from '#engine';

import { boardFor, post } from '../../pipelines/cli/render/board.ts';
import { closingLines } from '../../pipelines/cli/render/closing.ts';
import { github } from '../../pipelines/cli/render/github.ts';
import { paint } from '../../pipelines/cli/render/paint.ts';
import { plain } from '../../pipelines/cli/render/plain.ts';

const steps: readonly StepLine[] = ['a.bin', 'b.bin'].map((title, step) => ({
  step,
  task: 'fetch-model',
  name: `fetch-model ${title}`,
  title,
}));
const name = { pipeline: 'realize', subject: 'demo' };
const summary: Summary = {
  ok: false,
  built: 0,
  cached: 0,
  failed: 2,
  skipped: 0,
  bytes_fetched: 0,
  ms: 20,
  ms_saved: 0,
  missing: ['hf://o/r/a.bin', 'hf://o/r/b.bin'],
  exit_code: 5,
};
const ends: readonly Event[] = steps.map((line) => ({
  type: 'step.finished',
  ...line,
  ms: 1,
  outcome: 'failed',
  failure: { kind: 'offline', missing: [`hf://o/r/${line.title}`] },
}));
const events: readonly Event[] = [
  { type: 'run.started', ...name, steps },
  ...ends,
  { type: 'run.finished', ...summary },
];

test('a log tells at its end, once, everything that is missing', () => {
  let text = '';
  events.forEach(plain({ write: (more) => (text += more) }));
  expect(text).toMatchInlineSnapshot(`
    "failed   fetch-model  a.bin  1 ms
    failed   fetch-model  b.bin  1 ms
    Not in the cache, and the network is not to be used:
      hf://o/r/a.bin
      hf://o/r/b.bin
    hint: run once without --offline, or fill the cache from another machine
    realize demo failed after 20 ms: 2 failed
    "
  `);
});

test('a screen leaves one failure behind, with everything that is missing', () => {
  const board = boardFor({ ...name, steps }, 0);
  for (const event of ends) post(board, event, 1);
  expect(closingLines(board, summary, paint(false)).join('\n')).toMatchInlineSnapshot(`
    "✖ Not in the cache, and the network is not to be used:
        hf://o/r/a.bin
        hf://o/r/b.bin
      hint: run once without --offline, or fill the cache from another machine

    realize demo failed after 20 ms: 2 failed"
  `);
});

test('GitHub gets one annotation, whatever the number of steps', () => {
  let text = '';
  events.forEach(github({ write: (more) => (text += more) }));
  expect(text).toMatchInlineSnapshot(`
    "failed   fetch-model  a.bin  1 ms
    failed   fetch-model  b.bin  1 ms
    ::error title=Not in the cache::Not in the cache, and the network is not to be used:%0A  hf://o/r/a.bin%0A  hf://o/r/b.bin%0Ahint: run once without --offline, or fill the cache from another machine
    realize demo failed after 20 ms: 2 failed
    "
  `);
});
