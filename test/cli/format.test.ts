import { describe, expect, test } from 'vitest';

import { formatBytes, formatShare } from '../../pipelines/cli/render/format-bytes.ts';
import { formatCount, formatCounts } from '../../pipelines/cli/render/format-count.ts';
import { formatDuration, formatSeconds } from '../../pipelines/cli/render/format-duration.ts';
import { formatReason } from '../../pipelines/cli/render/format-reason.ts';
import { describeResult } from '../../pipelines/cli/render/format-result.ts';
import { formatSummary } from '../../pipelines/cli/render/format-summary.ts';
import { advance, formatTransfer, type Transfer } from '../../pipelines/cli/render/transfer.ts';

test.for([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [5_100_000, '5.1 MB'],
  [26_500_000_000, '26.5 GB'],
  [4_200_000_000_000_000, '4200.0 TB'],
] as const)('%i bytes are %s', ([bytes, text]) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('a share is in the unit of the whole', () => {
  expect(formatShare(900_000, 18_400_000)).toBe('0.9 of 18.4 MB');
});

test.for([
  [0, '0 ms'],
  [43, '43 ms'],
  [99.6, '0.1 s'],
  [400, '0.4 s'],
  [9949, '9.9 s'],
  [9950, '10 s'],
  [59_499, '59 s'],
  [59_500, '1 min'],
  [72_000, '1 min 12 s'],
  [3_599_600, '1 h'],
  [7_500_000, '2 h 5 min'],
] as const)('%d ms are %s', ([ms, text]) => {
  expect(formatDuration(ms)).toBe(text);
});

test('a time that runs has no tenths', () => {
  expect([1400, 2600, 61_000].map(formatSeconds)).toEqual(['1 s', '3 s', '1 min 1 s']);
});

describe('counts', () => {
  test('of one are singular, and large ones are grouped', () => {
    expect([0, 1, 57, 1_234_567].map((count) => formatCount(count, 'wheel'))).toEqual([
      '0 wheels',
      '1 wheel',
      '57 wheels',
      '1,234,567 wheels',
    ]);
    expect([formatCount(2, 'entry'), formatCount(2, 'patch')]).toEqual(['2 entries', '2 patches']);
  });

  test.for([
    [
      'many, named by what they are',
      [
        ['fetch-node', 12, 12],
        ['fetch-wheel', 57, 60],
      ],
      '12 nodes, 57 wheels',
    ],
    [
      'the same done twice',
      [
        ['fetch-wheel', 57, 57],
        ['unpack-wheel', 57, 57],
      ],
      '57 wheels (fetch, unpack)',
    ],
    [
      'a noun with two counts',
      [
        ['fetch-wheel', 7, 57],
        ['unpack-wheel', 9, 57],
      ],
      '7 wheels (fetch), 9 wheels (unpack)',
    ],
    [
      'what there is one of',
      [
        ['swap-nodes', 1, 1],
        ['fetch-node', 12, 12],
        ['activate', 1, 1],
      ],
      '12 nodes, 2 other steps',
    ],
    ['nothing but single steps', [['swap-nodes', 1, 1]], '1 step'],
    ['nothing', [['fetch-node', 0, 12]], ''],
  ] as const)('of tasks: %s', ([, tasks, text]) => {
    expect(formatCounts(tasks.map(([task, count, of]) => ({ task, count, of })))).toBe(text);
  });
});

const gets = (run: readonly (readonly [number, number])[], total?: number): Transfer | undefined =>
  run.reduce<Transfer | undefined>(
    (before, [atMs, done]) =>
      advance(before, { type: 'step.progress', step: 0, done, unit: 'bytes', ...(total && { total }) }, atMs),
    undefined,
  );

describe('a transfer', () => {
  test.for([
    ['has no speed at first', [[0, 0]], 100, '0.0 of 10.0 MB'],
    [
      'goes at the speed of its last seconds',
      [
        [0, 0],
        [1000, 1e6],
        [3000, 1e6],
        [8000, 6e6],
      ],
      8000,
      '6.0 of 10.0 MB, 1.0 MB/s, 4 s left',
    ],
    [
      'begins again from less',
      [
        [0, 9e6],
        [1000, 1e6],
        [2000, 2e6],
      ],
      2000,
      '2.0 of 10.0 MB, 1.0 MB/s, 8 s left',
    ],
    [
      'that stands still says so',
      [
        [0, 0],
        [1000, 1e6],
      ],
      9000,
      '1.0 of 10.0 MB, nothing for 8 s',
    ],
    [
      'that is done has nothing left',
      [
        [0, 0],
        [1000, 10e6],
      ],
      1000,
      '10.0 of 10.0 MB, 10.0 MB/s',
    ],
  ] as const)('%s', ([, run, nowMs, text]) => {
    expect(formatTransfer(gets(run, 10e6)!, nowMs)).toBe(text);
  });

  test('of steps counts them', () => {
    const event = { type: 'step.progress', step: 0, done: 3, total: 20, unit: 'steps' } as const;
    expect(formatTransfer(advance(undefined, event, 0), 0)).toBe('3 of 20 steps');
  });

  test('of unknown size tells what came', () => {
    expect(
      formatTransfer(
        gets([
          [0, 0],
          [1000, 1e6],
        ])!,
        1000,
      ),
    ).toBe('1.0 MB, 1.0 MB/s');
  });

  test('remembers no more of ten thousand events than of its last seconds', () => {
    const run = Array.from({ length: 10_000 }, (_, index) => [index * 10, index] as const);
    expect(gets(run)!.samples.length).toBeLessThan(30);
  });
});

test.for([
  [{ why: 'new' }, ''],
  [{ why: 'today' }, ''],
  [{ why: 'gone' }, 'was gone'],
  [{ why: 'changed', fields: [{ path: 'commit', was: 1, now: 2 }] }, 'commit changed'],
  [{ why: 'changed', fields: ['a', 'b.c', 'd'].map((path) => ({ path, was: 1, now: 2 })) }, 'a and 2 more changed'],
] as const)('a reason in words: %j', ([reason, text]) => {
  expect(formatReason(reason)).toBe(text);
});

describe('a result', () => {
  const target = { kind: 'target', target: '/t/comfy', version: 'demo', python: '.venv/bin/python', main: 'main.py' };
  const run = '  run    cd /t/comfy && .venv/bin/python main.py';

  test.for([
    ['as words', { ...target, command: ['.venv/bin/python', 'main.py'] }, run],
    ['as text', { ...target, command: '.venv/bin/python main.py' }, run],
    ['as a whole command', { ...target, command: 'cd /t/comfy && .venv/bin/python main.py' }, run],
    [
      'with words a shell would split',
      { ...target, target: "/t/it's here", command: ['a b'] },
      String.raw`  run    cd '/t/it'\''s here' && 'a b'`,
    ],
  ] as const)('is three lines, its command %s', ([, result, last]) => {
    expect(describeResult(result)).toEqual(['demo is ready', `  where  ${result.target}`, last]);
  });

  test.for([undefined, null, 'text', { kind: 'plan' }])('that is no target says nothing: %j', (result) => {
    expect(describeResult(result)).toEqual([]);
  });
});

describe('a summary', () => {
  const none = { built: 0, cached: 0, failed: 0, skipped: 0, bytes_fetched: 0, ms: 3200, ms_saved: 0, exit_code: 0 };
  const demo = { pipeline: 'realize', subject: 'demo' };

  test.for([
    [
      'all new',
      demo,
      { ...none, ok: true, built: 14, bytes_fetched: 5_100_000 },
      'realized demo in 3.2 s: 14 built, 0 cached, 5.1 MB fetched',
    ],
    [
      'time saved',
      demo,
      { ...none, ok: true, cached: 14, ms_saved: 12_000 },
      'realized demo in 3.2 s: 0 built, 14 cached, 0 B fetched, saved 12 s',
    ],
    [
      'failed',
      demo,
      { ...none, ok: false, built: 3, failed: 1, exit_code: 5 },
      'realize demo failed after 3.2 s: 3 built, 1 failed',
    ],
    ['stopped', demo, { ...none, ok: false, exit_code: 130 }, 'realize demo stopped after 3.2 s'],
    [
      'no regular verb',
      { pipeline: 'run-ui', subject: 'demo' },
      { ...none, ok: true },
      'run-ui demo done in 3.2 s: 0 built, 0 cached, 0 B fetched',
    ],
  ] as const)('%s', ([, name, summary, text]) => {
    expect(formatSummary(name, summary)).toBe(text);
  });
});
