import { mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Event } from '#engine';
import type { Chronicle } from '../../pipelines/cli/chronicle.ts';
import { openJobSummary } from '../../pipelines/cli/job-summary.ts';
import { markdownSummary } from '../../pipelines/cli/report/markdown-summary.ts';
import { modelOf } from '../../pipelines/cli/report/run-model.ts';
import { cancelled, failure, type Run, success } from './runs.ts';

const chronicleOf = (run: Run): Chronicle => ({
  head: {
    format: 1,
    id: 'demo',
    target: '/t',
    at: '2026-01-01T00:00:00.000Z',
    release: '1',
    runtime: 'v24',
    platform: 'linux-x64',
    offline: false,
    verify: false,
    installer: 'pipeline',
    link_mode: 'auto',
    limits: { network: 1, cpu: 1, disk: 1 },
  },
  moments: run.map(([at_ms, event]) => ({ at_ms, ...event })),
});
/** What is written, with signs instead of their numbers: as a person sees it. */
const seen = (markdown: string): string =>
  markdown.replaceAll(/&#(\d+);/g, (_, number: string) => String.fromCodePoint(Number(number)));
const summaryOf = (run: Run): string => markdownSummary(modelOf(chronicleOf(run)));

test('a success: what it came to, its warnings, the slowest steps', () => {
  expect(seen(summaryOf(success))).toMatchInlineSnapshot(`
    "### realize demo: ✅ done

    | Built | Cached | Failed | Skipped | Fetched | Time | Time saved |
    | --- | --- | --- | --- | --- | --- | --- |
    | 4 | 2 | 0 | 0 | 245.1 MB | 24 s | 12 s |

    - ⚠️ comfyui-foo @ abc1234: it has no release its branch is pinned instead

    | Slowest steps | Time | Fetched | Why |
    | --- | --- | --- | --- |
    | fetch-wheel torch-2.3.0-cp311-cp311-linux_x86_64.whl | 24 s |  |  |
    | fetch-node comfyui-foo @ abc1234 | 1.2 s |  | commit changed |
    | fetch-core ComfyUI @ 707b263 | 0.8 s |  |  |
    | activate demo | 30 ms |  |  |
    "
  `);
});

test('a failure: each step that failed, with its message and what to do', () => {
  expect(seen(summaryOf(failure))).toMatchInlineSnapshot(`
    "### realize demo: ❌ failed

    | Built | Cached | Failed | Skipped | Fetched | Time | Time saved |
    | --- | --- | --- | --- | --- | --- | --- |
    | 0 | 1 | 2 | 1 | 0 B | 1.0 s | 0 ms |

    **fetch-wheel demo_lib-1.0-py3-none-any.whl**

    <pre>uv pip install demo_lib exited with 1
      error: 100% of the wheels do not fit
      ::error::not for you
    hint: choose another version of demo_lib</pre>

    **fetch-wheel torch-2.3.0-cp311-cp311-linux_x86_64.whl**

    <pre>torch.whl is not what the lockfile pins
      expected sha256:aa
      received sha256:bb
    hint: nothing of it was used; if the new content is wanted, run \`pipeline validate --update\`</pre>

    | Slowest steps | Time | Fetched | Why |
    | --- | --- | --- | --- |
    | fetch-wheel torch-2.3.0-cp311-cp311-linux_x86_64.whl | 0.9 s |  |  |
    | fetch-wheel demo_lib-1.0-py3-none-any.whl | 0.9 s |  |  |
    "
  `);
});

test('a run that was stopped says so, and names no failure', () => {
  expect(seen(summaryOf(cancelled))).toMatch(/^### realize demo: ⏹️ stopped\n/);
});

const line = (title: string) => ({ step: 0, task: 'fetch-node', name: 'fetch-node x', title });
const failed = (title: string, problem: string): Run => [
  [0, { type: 'run.started', pipeline: 'realize', subject: 'demo', steps: [line(title)] }],
  [1, { type: 'step.started', ...line(title), reason: { why: 'new' } }],
  [2, { type: 'note', level: 'warning', text: problem, step: 0 }],
  [9, { type: 'step.finished', ...line(title), ms: 8, outcome: 'failed', failure: { kind: 'absent', what: problem } }],
  [9, { ...(failure.at(-1)![1] as Extract<Event, { type: 'run.finished' }>) }],
];

test('nothing that others wrote is markup: every sign of it is written by its number', () => {
  const text = fc.string({
    unit: fc.constantFrom(...'|<>&`*_[](){}#!~$@:/\\\n"\'- aö'.split('')),
    minLength: 1,
    maxLength: 90,
  });
  const own = summaryOf(failed('x', 'x')).replaceAll('x', '');
  fc.assert(
    fc.property(text, text, (title, problem) => {
      const markdown = summaryOf(failed(`x${title}x`, `x${problem}x`));
      const pieces = markdown.replaceAll(/&#\d+;/g, '');
      // What is left of theirs are letters; the skeleton is ours.
      expect(pieces.replaceAll(/[aöx ]/g, '').replaceAll('\n', '')).toBe(
        own
          .replaceAll(/&#\d+;/g, '')
          .replaceAll(/[aöx ]/g, '')
          .replaceAll('\n', ''),
      );
      expect(seen(markdown)).toContain(`x${problem.replaceAll(/\s+/g, ' ')}x`);
    }),
  );
});

test('what is much is cut: GitHub drops a summary that is too long', () => {
  const steps = Array.from({ length: 300 }, (_, step) => ({ ...line('|'.repeat(5000)), step }));
  const lines = Array.from({ length: 500 }, () => '|'.repeat(5000));
  const many: Run = [
    [0, { type: 'run.started', pipeline: 'realize', subject: 'demo', steps }],
    ...steps.map((one): Run[number] => {
      const told: Event = {
        type: 'step.finished',
        ...one,
        ms: 1,
        outcome: 'failed',
        failure: { kind: 'absent', what: lines.join('\n') },
      };
      return [1, told];
    }),
    failure.at(-1)!,
  ];
  const text = summaryOf(many);
  expect(Buffer.byteLength(text)).toBeLessThan(300_000);
  expect(text).toContain('… and 290 more.');
});

test('it comes after what is there; one that is not to be written throws', () => {
  using room = mkdtempDisposableSync(join(tmpdir(), 'summary-'));
  const file = join(room.path, 'summary.md');
  writeFileSync(file, 'before us');
  const say = openJobSummary(file);
  say(chronicleOf(success));
  say(chronicleOf(failure));
  const text = readFileSync(file, 'utf8');
  expect(text.startsWith('before us\n### realize demo: ✅ done\n')).toBe(true);
  expect(text).toContain('\n\n### realize demo: ❌ failed\n');
  writeFileSync(file, 'x'.repeat(1024 * 1024 - 10));
  expect(() => say(chronicleOf(success))).toThrow('Refused GITHUB_STEP_SUMMARY');
  expect(readFileSync(file).length).toBe(1024 * 1024 - 10);
  mkdirSync(join(room.path, 'directory'));
  expect(() => openJobSummary(join(room.path, 'directory'))(chronicleOf(success))).toThrow('EISDIR');
});
