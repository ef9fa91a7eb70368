import type { Emit, Event, Failure, Outcome, Reason, StepLine } from '#engine';

/** Events with the time at which each comes, in milliseconds. */
export type Run = readonly (readonly [atMs: number, event: Event])[];

/** Hands a run's events to a renderer, and tells the time before each. */
export function play(run: Run, emit: Emit, tell: (nowMs: number) => void = () => {}): void {
  for (const [atMs, event] of run) {
    tell(atMs);
    emit(event);
  }
}

const titles: readonly (readonly [task: string, title: string])[] = [
  ['fetch-core', 'ComfyUI @ 707b263'],
  ['fetch-node', 'comfyui-foo @ abc1234'],
  ['fetch-node', 'comfyui-kjnodes @ 1f2e3d4'],
  ['fetch-wheel', 'demo_lib-1.0-py3-none-any.whl'],
  ['fetch-wheel', 'torch-2.3.0-cp311-cp311-linux_x86_64.whl'],
  ['activate', 'demo'],
];

const steps: readonly StepLine[] = titles.map(([task, title], step) => ({
  step,
  task,
  name: `${task} ${title}`,
  title,
}));

const started: Event = { type: 'run.started', pipeline: 'realize', subject: 'demo', steps };
const starts = (step: number, reason: Reason = { why: 'new' }): Event => {
  const { task, title } = steps[step]!;
  return { type: 'step.started', step, task, title, reason };
};
const ends = (step: number, outcome: Outcome, ms = 0): Event => ({
  type: 'step.finished',
  ...steps[step]!,
  ms,
  ...outcome,
});
const fails = (step: number, failure: Failure, ms: number): Event => ends(step, { outcome: 'failed', failure }, ms);
const gets = (step: number, done: number, total: number): Event => ({
  type: 'step.progress',
  step,
  done,
  total,
  unit: 'bytes',
});
const prints = (step: number, line: string): Event => ({ type: 'step.output', step, line });
const finished = (summary: Partial<Extract<Event, { type: 'run.finished' }>>): Event => ({
  type: 'run.finished',
  ok: true,
  built: 0,
  cached: 0,
  failed: 0,
  skipped: 0,
  bytes_fetched: 0,
  ms: 0,
  ms_saved: 0,
  exit_code: 0,
  ...summary,
});
const built: Outcome = { outcome: 'built' };
const cached: Outcome = { outcome: 'cached' };

const result = {
  kind: 'target',
  target: '/workspace/builds/comfy-demo',
  version: 'demo',
  python: '.venv/bin/python',
  main: 'main.py',
  command: ['.venv/bin/python', 'main.py'],
};

/** Four steps are built, one of them a download of 24 s; two are cached. */
export const success: Run = [
  [0, started],
  [5, ends(2, cached)],
  [5, ends(3, cached)],
  [10, starts(0)],
  [10, starts(1, { why: 'changed', fields: [{ path: 'commit', was: 'fff0000', now: 'abc1234' }] })],
  [10, starts(4)],
  [400, gets(4, 5_000_000, 240_000_000)],
  [810, ends(0, built, 800)],
  [1200, prints(1, 'Receiving objects: 100%, done.')],
  [1210, ends(1, built, 1200)],
  [5000, gets(4, 50_000_000, 240_000_000)],
  [10_500, gets(4, 105_000_000, 240_000_000)],
  [11_000, gets(4, 110_000_000, 240_000_000)],
  [21_000, gets(4, 210_000_000, 240_000_000)],
  [24_000, ends(4, built, 23_990)],
  [24_010, starts(5)],
  [24_020, { type: 'note', level: 'info', text: 'files are hardlinked' }],
  [24_030, { type: 'note', level: 'warning', text: 'it has no release\nits branch is pinned instead', step: 1 }],
  [24_040, ends(5, built, 30)],
  [24_050, finished({ built: 4, cached: 2, bytes_fetched: 245_100_000, ms: 24_050, ms_saved: 12_000, result })],
];

const noMatch: Failure = {
  kind: 'command',
  command: 'uv pip install demo_lib',
  exitCode: 1,
  output: ['error: 100% of the wheels do not fit', '::error::not for you'],
  hint: 'choose another version of demo_lib',
};

/** One step fails with output and a hint, one for want of a file, one is skipped for it. */
export const failure: Run = [
  [0, started],
  [5, ends(0, cached)],
  [10, starts(3)],
  [10, starts(4)],
  [20, prints(3, 'looking for demo_lib')],
  [30, prints(3, '::error::not for you')],
  [900, fails(3, noMatch, 890)],
  [920, prints(4, 'half of it is there')],
  [950, fails(4, { kind: 'integrity', what: 'torch.whl', expected: 'sha256:aa', actual: 'sha256:bb' }, 940)],
  [951, ends(5, { outcome: 'skipped', because: 3 })],
  [952, finished({ ok: false, cached: 1, failed: 2, skipped: 1, ms: 952, exit_code: 1 })],
];

/** Nothing changed. */
export const unchanged: Run = [
  [0, started],
  ...steps.map(({ step }) => [20 + step, ends(step, cached)] as const),
  [43, finished({ cached: 6, ms: 43, ms_saved: 130_000, result })],
];

const unavailable: Failure = {
  kind: 'network',
  url: 'https://wheels.example/torch.whl',
  problem: 'server answered 503',
  transient: true,
  status: 503,
};

/** A download is tried a second time, and comes. */
export const retried: Run = [
  [0, started],
  [10, starts(4)],
  [500, gets(4, 2_000_000, 8_000_000)],
  [1000, { type: 'step.retried', step: 4, attempt: 2, attempts: 5, failure: unavailable, wait_ms: 3000 }],
  [4500, gets(4, 4_000_000, 8_000_000)],
  [5000, ends(4, built, 4990)],
  [5010, finished({ built: 1, bytes_fetched: 8_000_000, ms: 5010 })],
];

/** Ctrl-C while a step was at work and others waited. */
export const cancelled: Run = [
  [0, started],
  [10, starts(4)],
  [2000, ends(4, { outcome: 'skipped' }, 1990)],
  [2001, ends(5, { outcome: 'skipped' })],
  [2002, finished({ ok: false, skipped: 2, ms: 2002, exit_code: 130 })],
];

/** A step that was told to stop says so itself. */
export const interrupted: Run = [
  [0, started],
  [10, starts(4)],
  [20, fails(4, { kind: 'cancelled' }, 10)],
  [21, finished({ ok: false, failed: 1, ms: 21, exit_code: 143 })],
];

/** Something nobody foresaw. */
export const bug: Run = [
  [0, started],
  [10, starts(1)],
  [
    20,
    fails(
      1,
      {
        kind: 'bug',
        message: 'x is not a function',
        stack: 'TypeError: x is not a function\n    at run (fetch-node.ts:7:3)',
      },
      10,
    ),
  ],
  [21, finished({ ok: false, failed: 1, ms: 21, exit_code: 70 })],
];

export const runs = { success, failure, unchanged, retried, cancelled, interrupted, bug };
