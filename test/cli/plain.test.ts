import { expect, test } from 'vitest';

import { plain } from '../../pipelines/cli/render/plain.ts';
import { bug, cancelled, failure, interrupted, play, retried, type Run, runs, success, unchanged } from './runs.ts';

function shown(run: Run): string {
  let [text, nowMs] = ['', 0];
  const emit = plain({ write: (more) => (text += more), columns: 80, now: () => nowMs });
  play(run, emit, (ms) => (nowMs = ms));
  return text;
}

test('a success: a line for each step, a long download now and then, where the result is', () => {
  expect(shown(success)).toMatchInlineSnapshot(`
    "cached   fetch-node   comfyui-kjnodes @ 1f2e3d4
    cached   fetch-wheel  demo_lib-1.0-py3-none-any.whl
    built    fetch-core   ComfyUI @ 707b263                         0.8 s
    built    fetch-node   comfyui-foo @ abc1234                     1.2 s  commit changed
     43 %    fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  105.0 of 240.0 MB, 10.0 MB/s, 14 s left
     87 %    fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  210.0 of 240.0 MB, 10.0 MB/s, 3 s left
    built    fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  24 s
    note     files are hardlinked
    warning  comfyui-foo @ abc1234: it has no release
             its branch is pinned instead
    built    activate     demo                                      30 ms
    realized demo in 24 s: 4 built, 2 cached, 245.1 MB fetched, saved 12 s
    demo is ready
      where  /workspace/builds/comfy-demo
      run    cd /workspace/builds/comfy-demo && .venv/bin/python main.py
    "
  `);
});

test('a failure: what failed, its last output, the hint on a line of its own, what was skipped for it', () => {
  expect(shown(failure)).toMatchInlineSnapshot(`
    "cached   fetch-core   ComfyUI @ 707b263
    failed   fetch-wheel  demo_lib-1.0-py3-none-any.whl             0.9 s
             uv pip install demo_lib exited with 1
               error: 100% of the wheels do not fit
               ::error::not for you
             hint: choose another version of demo_lib
    failed   fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  0.9 s
             torch.whl is not what the lockfile pins
               expected sha256:aa
               received sha256:bb
               half of it is there
             hint: nothing of it was used; if the new content is wanted, run \`pipeline validate --update\`
    skipped  activate     demo                                      needs demo_lib-1.0-py3-none-any.whl
    realize demo failed after 1.0 s: 1 cached, 2 failed, 1 skipped
    error: fetch-wheel demo_lib-1.0-py3-none-any.whl: uv pip install demo_lib exited with 1
    error: fetch-wheel torch-2.3.0-cp311-cp311-linux_x86_64.whl: torch.whl is not what the lockfile pins
    "
  `);
});

test('nothing changed', () => {
  expect(shown(unchanged)).toMatchInlineSnapshot(`
    "cached   fetch-core   ComfyUI @ 707b263
    cached   fetch-node   comfyui-foo @ abc1234
    cached   fetch-node   comfyui-kjnodes @ 1f2e3d4
    cached   fetch-wheel  demo_lib-1.0-py3-none-any.whl
    cached   fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl
    cached   activate     demo
    realized demo in 43 ms: 0 built, 6 cached, 0 B fetched, saved 2 min 10 s
    demo is ready
      where  /workspace/builds/comfy-demo
      run    cd /workspace/builds/comfy-demo && .venv/bin/python main.py
    "
  `);
});

test('a download that is tried again', () => {
  expect(shown(retried)).toMatchInlineSnapshot(`
    "retry    fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  2 of 5 in 3 s: server answered 503
    built    fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  5.0 s
    realized demo in 5.0 s: 1 built, 0 cached, 8.0 MB fetched
    "
  `);
});

test('a run that was stopped is no failure', () => {
  expect(shown(cancelled)).toMatchInlineSnapshot(`
    "skipped  fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl
    skipped  activate     demo
    realize demo stopped after 2.0 s: 2 skipped
    "
  `);
});

test('a step that was told to stop is no failure', () => {
  expect(shown(interrupted)).toMatchInlineSnapshot(`
    "stopped  fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  10 ms
    realize demo stopped after 21 ms: 1 failed
    "
  `);
});

test('a bug shows where it is', () => {
  expect(shown(bug)).toMatchInlineSnapshot(`
    "failed   fetch-node   comfyui-foo @ abc1234                     10 ms
             x is not a function
               at run (fetch-node.ts:7:3)
             hint: this is a bug in pipeline: please report it with the lines above
    realize demo failed after 21 ms: 1 failed
    error: fetch-node comfyui-foo @ abc1234: x is not a function
    "
  `);
});

test.for(Object.entries(runs))('lines about finished steps and the summary fit 80 columns: %s', ([, run]) => {
  const lines = shown(run).split('\n');
  // A reason, or the name of the step that was needed, runs over rather than being cut.
  const fitting = lines.filter(
    (line) => /^(built|cached|failed|stopped|realize)/.test(line) && !line.endsWith('changed'),
  );
  expect(fitting.length).toBeGreaterThan(0);
  expect(fitting.filter((line) => line.length > 80)).toEqual([]);
});
