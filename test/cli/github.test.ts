import { expect, test } from 'vitest';

import { github } from '../../pipelines/cli/render/github.ts';
import { bug, cancelled, failure, interrupted, play, type Run, success, unchanged } from './runs.ts';

function shown(run: Run): string {
  let [text, nowMs] = ['', 0];
  const emit = github({ write: (more) => (text += more), now: () => nowMs, token: () => 'any-word' });
  play(run, emit, (ms) => (nowMs = ms));
  return text;
}

test('a success: output in the group of its step, a warning as an annotation, cached steps as one group', () => {
  expect(shown(success)).toMatchInlineSnapshot(`
    "built    fetch-core   ComfyUI @ 707b263                         0.8 s
    ::group::built    fetch-node   comfyui-foo @ abc1234                     1.2 s  commit changed
    Receiving objects: 100%, done.
    ::endgroup::
     43 %    fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  105.0 of 240.0 MB, 10.0 MB/s, 14 s left
     87 %    fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  210.0 of 240.0 MB, 10.0 MB/s, 3 s left
    built    fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  24 s
    note     files are hardlinked
    ::warning title=fetch-node comfyui-foo @ abc1234::it has no release%0Aits branch is pinned instead
    built    activate     demo                                      30 ms
    ::group::2 steps cached
    cached   fetch-node   comfyui-kjnodes @ 1f2e3d4
    cached   fetch-wheel  demo_lib-1.0-py3-none-any.whl
    ::endgroup::
    realized demo in 24 s: 4 built, 2 cached, 245.1 MB fetched, saved 12 s
    demo is ready
      where  /workspace/builds/comfy-demo
      run    cd /workspace/builds/comfy-demo && .venv/bin/python main.py
    "
  `);
});

test('a failure: an annotation, escaped; what looks like a command in the output is none', () => {
  expect(shown(failure)).toMatchInlineSnapshot(`
    "::group::failed   fetch-wheel  demo_lib-1.0-py3-none-any.whl             0.9 s
    ::stop-commands::any-word
    looking for demo_lib
    ::error::not for you
    ::any-word::
    ::endgroup::
    ::error title=fetch-wheel demo_lib-1.0-py3-none-any.whl::uv pip install demo_lib exited with 1%0A  error: 100%25 of the wheels do not fit%0A  ::error::not for you%0Ahint: choose another version of demo_lib
    ::group::failed   fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl  0.9 s
    half of it is there
    ::endgroup::
    ::error title=fetch-wheel torch-2.3.0-cp311-cp311-linux_x86_64.whl::torch.whl is not what the lockfile pins%0A  expected sha256:aa%0A  received sha256:bb%0Ahint: nothing of it was used; if the new content is wanted, run \`pipeline validate --update\`
    skipped  activate     demo                                      needs demo_lib-1.0-py3-none-any.whl
    ::group::1 step cached
    cached   fetch-core   ComfyUI @ 707b263
    ::endgroup::
    realize demo failed after 1.0 s: 1 cached, 2 failed, 1 skipped
    error: fetch-wheel demo_lib-1.0-py3-none-any.whl: uv pip install demo_lib exited with 1
    error: fetch-wheel torch-2.3.0-cp311-cp311-linux_x86_64.whl: torch.whl is not what the lockfile pins
    "
  `);
});

test('nothing changed', () => {
  expect(shown(unchanged)).toMatchInlineSnapshot(`
    "::group::6 steps cached
    cached   fetch-core   ComfyUI @ 707b263
    cached   fetch-node   comfyui-foo @ abc1234
    cached   fetch-node   comfyui-kjnodes @ 1f2e3d4
    cached   fetch-wheel  demo_lib-1.0-py3-none-any.whl
    cached   fetch-wheel  torch-2.3.0-cp311-cp311-linux_x86_64.whl
    cached   activate     demo
    ::endgroup::
    realized demo in 43 ms: 0 built, 6 cached, 0 B fetched, saved 2 min 10 s
    demo is ready
      where  /workspace/builds/comfy-demo
      run    cd /workspace/builds/comfy-demo && .venv/bin/python main.py
    "
  `);
});

test.for([cancelled, interrupted])('a run that was stopped has no annotation', (run) => {
  expect(shown(run)).not.toContain('::');
});

test('a bug is annotated with where it is', () => {
  expect(shown(bug)).toContain('::error title=fetch-node comfyui-foo @ abc1234::x is not a function%0A  at run (');
});

test('titles cannot end a command or begin another', () => {
  const line = { step: 0, task: 'fetch-node', name: 'fetch-node x', title: 'a: b, c%\r\n::error::d' };
  const text = shown([
    [0, { type: 'run.started', pipeline: 'realize', subject: 'demo', steps: [line] }],
    [1, { type: 'step.output', step: 0, line: 'fine' }],
    [2, { type: 'step.finished', ...line, ms: 1, outcome: 'failed', failure: { kind: 'absent', what: 'Node x' } }],
  ]);
  expect(text).toBe(
    [
      '::group::failed   fetch-node  a: b, c%25 ::error::d  1 ms',
      'fine',
      '::endgroup::',
      '::error title=fetch-node a%3A b%2C c%25%0D%0A%3A%3Aerror%3A%3Ad::Node x does not exist',
      '',
    ].join('\n'),
  );
});

test('each guard has its own word, which the output cannot know', () => {
  let text = '';
  const emit = github({ write: (more) => (text += more) });
  play(failure, emit);
  play(failure, emit);
  const words = [...text.matchAll(/^::stop-commands::(.+)$/gm)].map(([, word]) => word!);
  expect(words).toHaveLength(2);
  expect(new Set(words).size).toBe(2);
  for (const word of words) expect(text).toContain(`\n::${word}::\n`);
});
