import { beforeEach, expect, test } from 'vitest';

import type { Emit } from '#engine';
import { live } from '../../pipelines/cli/render/live.ts';
import { bug, cancelled, failure, retried, type Run, runs, success, unchanged } from './runs.ts';
import { manualClock, type ManualClock, terminal, type Terminal } from './terminal.ts';

let screen: Terminal;
let clock: ManualClock;
let emit: Emit;

const begin = (size: { columns?: number; rows?: number } = {}, colour = false): void => {
  screen = terminal(size);
  clock = manualClock();
  emit = live({ stream: screen.stream, colour, clock });
};
beforeEach(() => begin());

/** Plays the events up to a time, and lets the screen look once more. */
async function playUntil(run: Run, untilMs: number): Promise<void> {
  for (const [atMs, event] of run.filter(([dueMs]) => dueMs <= untilMs)) {
    await clock.reach(atMs);
    emit(event);
  }
  await clock.reach(Math.min(untilMs, run.at(-1)![0]) + 100);
}
const playAll = (run: Run): Promise<void> => playUntil(run, Infinity);

test('at work: cached steps counted, a download with its speed and what is left', async () => {
  await playUntil(success, 11_000);
  expect(screen.seen()).toMatchInlineSnapshot(`
    "✔ fetch-core   ComfyUI @ 707b263  built
    ✔ fetch-node   2 nodes: 1 built, 1 cached
    ⠦ fetch-wheel  1 of 2 wheels, 1 cached
      ⠦ torch-2.3.0-cp311-cp311-linux_x…  110.0 of 240.0 MB, 10.0 MB/s, 13 s left
    · 4 of 6 steps, 11 s"
  `);
  expect(screen.cursor()).toBe(false);
});

test('a retry says which, when, and what happened', async () => {
  await playUntil(retried, 1000);
  expect(screen.seen()).toMatchInlineSnapshot(`
    "⠙ fetch-wheel  0 of 2 wheels
      ⚠ torch-2.3.0-cp311-cp311-linux_x…  retry 2 of 5 in 3 s: server answered 503
    · 0 of 6 steps, 1 s"
  `);
});

test('a failure is seen while the rest goes on', async () => {
  await playUntil(failure, 920);
  expect(screen.seen()).toMatchInlineSnapshot(`
    "✔ fetch-core   ComfyUI @ 707b263  cached
    ⠋ fetch-wheel  1 of 2 wheels, 1 failed
      ✖ demo_lib-1.0-py3-none-any.whl     uv pip install demo_lib exited with 1
      ⠋ torch-2.3.0-cp311-cp311-linux_x…  half of it is there
    · 2 of 6 steps, 1 s"
  `);
});

test('after a success: what was built and why, what was cached, notes, summary, result', async () => {
  await playAll(success);
  expect(screen.seen()).toMatchInlineSnapshot(`
    "✔ fetch-core   ComfyUI @ 707b263  0.8 s
    ✔ fetch-node   comfyui-foo @ abc1234  1.2 s  commit changed
    ✔ fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  24 s
    ✔ activate     demo  30 ms
    ✔ 1 node, 1 wheel cached
    ℹ files are hardlinked
    ⚠ comfyui-foo @ abc1234: it has no release
      its branch is pinned instead

    realized demo in 24 s: 4 built, 2 cached, 245.1 MB fetched, saved 12 s
    demo is ready
      where  /workspace/builds/comfy-demo
      run    cd /workspace/builds/comfy-demo && .venv/bin/python main.py"
  `);
});

test('after a failure: message, output, hint', async () => {
  await playAll(failure);
  expect(screen.seen()).toMatchInlineSnapshot(`
    "✔ 1 step cached
    ↓ 1 step skipped
    ✖ fetch-wheel  demo_lib-1.0-py3-none-any.whl
      uv pip install demo_lib exited with 1
        error: 100% of the wheels do not fit
        ::error::not for you
      hint: choose another version of demo_lib
    ✖ fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl
      torch.whl is not what the lockfile pins
        expected sha256:aa
        received sha256:bb
        half of it is there
      hint: nothing of it was used; if the new content is wanted, run \`pipeline vali
    date --update\`

    realize demo failed after 1.0 s: 1 cached, 2 failed, 1 skipped"
  `);
});

test('after a bug: where it is', async () => {
  await playAll(bug);
  expect(screen.seen()).toMatchInlineSnapshot(`
    "✖ fetch-node  comfyui-foo @ abc1234
      x is not a function
        at run (fetch-node.ts:7:3)
      hint: this is a bug in pipeline: please report it with the lines above

    realize demo failed after 21 ms: 1 failed"
  `);
});

test('after a stop', async () => {
  await playAll(cancelled);
  expect(screen.seen()).toMatchInlineSnapshot(`
    "↓ 1 wheel, 1 other step skipped

    realize demo stopped after 2.0 s: 2 skipped"
  `);
});

test('a run that is over at once opens no screen', async () => {
  await playAll(unchanged);
  expect(screen.seen()).toMatchInlineSnapshot(`
    "✔ 2 nodes, 2 wheels, 2 other steps cached

    realized demo in 43 ms: 0 built, 6 cached, 0 B fetched, saved 2 min 10 s
    demo is ready
      where  /workspace/builds/comfy-demo
      run    cd /workspace/builds/comfy-demo && .venv/bin/python main.py"
  `);
  expect(screen.sent()).not.toContain('\u001B');
});

test.for(Object.entries(runs))('the cursor is back after every run, and no listener is left: %s', async ([, run]) => {
  const before = process.listenerCount('exit');
  await playAll(run);
  expect(screen.cursor()).toBe(true);
  expect(process.listenerCount('exit')).toBe(before);
});

test('the cursor is back when the process ends in the middle', async () => {
  const before = process.listeners('exit');
  await playUntil(success, 5000);
  expect(screen.cursor()).toBe(false);
  for (const listener of process.listeners('exit')) if (!before.includes(listener)) listener(1);
  expect(screen.cursor()).toBe(true);
});

test('the cursor is back when the run ends while the screen is being opened', async () => {
  emit(success[0]![1]);
  const opening = clock.reach(200);
  emit(success.at(-1)![1]);
  await opening;
  expect(screen.cursor()).toBe(true);
  expect(screen.seen()).toContain('realized demo in 24 s');
});

test('two hundred steps fit a screen of 24 rows', async () => {
  const steps = Array.from({ length: 200 }, (_, step) => {
    const task = ['fetch-node', 'fetch-wheel', 'unpack-wheel', 'fetch-model'][Math.floor(step / 50)]!;
    return { step, task, name: `${task} ${step}`, title: `thing number ${step}` };
  });
  emit({ type: 'run.started', pipeline: 'realize', subject: 'demo', steps });
  for (const { step, ...line } of steps)
    if (step % 3 === 0) emit({ type: 'step.started', step, ...line, reason: { why: 'new' } });
    else emit({ type: 'step.finished', step, ...line, ms: 0, outcome: 'cached' });
  await clock.reach(1000);
  const lines = screen.seen().split('\n');
  expect(lines.filter((text) => / of 50 /.test(text))).toHaveLength(4);
  expect(lines.filter((text) => text.startsWith('  '))).toHaveLength(16);
  expect(lines.slice(-2)).toEqual(['· 51 more rows', '· 133 of 200 steps, 1 s']);
  expect(lines).toHaveLength(22);
});

test('a small terminal shows what fits', async () => {
  begin({ columns: 30, rows: 8 });
  await playUntil(success, 11_000);
  expect(screen.seen()).toMatchInlineSnapshot(`
    "✔ fetch-core   Comfy…  built
    ✔ fetch-n…  2 nodes: 1 buil…
    ⠦ fetch-w…  1 of 2 wheels,…
      ⠦ torch-2…  110.0 of 240.…
    · 4 of 6 steps, 11 s"
  `);
});

test('thousands of events cost no frame', async () => {
  await playUntil(success, 1200);
  const before = screen.writes.length;
  for (let n = 0; n < 10_000; n++) emit({ type: 'step.output', step: 1, line: `line ${n}` });
  expect(screen.writes.length).toBe(before);
});

test('events that come late, or of steps nobody announced, do no harm', async () => {
  const stray = { step: 99, task: 'sweep', name: 'sweep', title: 'dust' };
  emit(success[5]![1]);
  emit(success[0]![1]);
  emit({ type: 'step.progress', step: 98, done: 1, unit: 'files' });
  emit({ type: 'step.started', ...stray, reason: { why: 'new' } });
  emit({ type: 'step.progress', step: 99, done: 1, total: 3, unit: 'files' });
  await clock.reach(1000);
  expect(screen.seen()).toContain('1 of 3 files');
  emit({ type: 'step.finished', ...stray, ms: 5, outcome: 'built' });
  emit(success.at(-1)![1]);
  const end = screen.seen();
  for (const [, event] of success.slice(1)) if (event.type !== 'note') emit(event);
  await clock.reach(2000);
  expect(screen.seen()).toBe(end);
});

test('a note outside a run is said at once', () => {
  emit({ type: 'note', level: 'warning', text: 'the file name is not the version' });
  expect(screen.seen()).toBe('⚠ the file name is not the version');
});

test('what others print meanwhile comes after the tree', async () => {
  await playUntil(success, 1200);
  screen.stream.write('a word from elsewhere\n');
  expect(screen.seen()).not.toContain('elsewhere');
  for (const [, event] of success.slice(-1)) emit(event);
  expect(screen.seen()).toContain('a word from elsewhere');
});

test('a second run begins with an empty board', async () => {
  await playAll(failure);
  for (const [, event] of unchanged) emit(event);
  expect(screen.seen().split('realize demo failed')[1]).not.toContain('✖');
});

test('colours are used only where they are wanted', async () => {
  const styled = /\p{Cc}\[\d+m/u;
  await playAll(failure);
  expect(screen.sent()).not.toMatch(styled);
  const plainText = screen.seen();
  begin({}, true);
  await playAll(failure);
  expect(screen.sent()).toMatch(styled);
  expect(screen.seen()).toBe(plainText);
});
