import { expect, test } from 'vitest';

import { json } from '../../pipelines/cli/render/json.ts';
import { bug, play, runs } from './runs.ts';

test.for(Object.entries(runs))('one event per line, nothing else: %s', ([, run]) => {
  let text = '';
  play(
    run,
    json((more) => (text += more)),
  );
  const lines = text.split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(run.map(([, event]) => event));
});

test('a bug’s stack is in its failure alone', () => {
  const lines: string[] = [];
  play(
    bug,
    json((line) => lines.push(line)),
  );
  const telling = lines.filter((line) => line.includes('fetch-node.ts:7:3'));
  expect(telling.map((line): unknown => JSON.parse(line))).toMatchObject([
    { type: 'step.finished', failure: { stack: expect.stringContaining('fetch-node.ts:7:3') } },
  ]);
});
