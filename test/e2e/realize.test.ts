import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Interpreter } from '#engine';

import { picture, upload } from '../demo/client.ts';
import { colorsOf } from '../demo/png.ts';
import { workflow } from '../demo/workbench.ts';
import { runIn, serve } from './environment.ts';
import { type Bench, type Ended, openDemo } from './rig.ts';
import { listing } from './tree.ts';

/** Whether children can be watched here: strace is installed, and may trace. */
const canTrace = ((): boolean => {
  try {
    execFileSync('strace', ['-f', '-o', '/dev/null', '-e', 'trace=execve', process.execPath, '--version']);
    return true;
  } catch {
    return false;
  }
})();

/** What is left of the shortcut that is kept for a command with nothing to do: all of it, or nothing. */
const forget = (): void => rmSync(join(bench.cache, 'repeat'), { recursive: true, force: true });
const ways = [
  ['a second realize', (): void => {}],
  ['a second realize that plans anew', forget],
] as const;

let bench: Bench;
let first: Ended;
beforeAll(async () => {
  bench = openDemo();
  first = await bench.realize('demo');
});
afterAll(() => bench[Symbol.dispose]());

it('pipeline realize demo realizes a complete environment from shipped sources', () => {
  expect(first.exitCode).toBe(0);
  expect(first.stderr).toBe('');
  expect(first.summary).toMatchObject({ ok: true, cached: 0, failed: 0, skipped: 0, bytes_fetched: 0, exit_code: 0 });
  expect(Object.values(first.outcomes)).toEqual(Array.from({ length: first.summary.built }, () => 'built'));
  const nodes = ['Demo-Palette', 'comfyui-demo-gradient', 'comfyui-demo-noise'];
  for (const name of nodes) expect(existsSync(join(bench.target, 'custom_nodes', name, '__init__.py'))).toBe(true);
  for (const name of ['ocean', 'sunset'])
    expect(readFileSync(join(bench.target, `models/palettes/${name}.safetensors`)).length).toBeGreaterThan(2_000_000);
});

it('pipeline realize demo says where it is and how to run it', () => {
  expect(first.summary.result).toEqual({
    kind: 'target',
    target: bench.target,
    version: 'demo',
    python: '.venv/bin/python',
    main: 'main.py',
    command: '.venv/bin/python main.py',
  });
});

it('the realized environment loads every node: .venv/bin/python main.py --quick-test-for-ci', async () => {
  const printed = await runIn(bench.target, '.venv/bin/python', 'main.py', '--quick-test-for-ci');
  for (const name of ['Demo-Palette', 'comfyui-demo-gradient', 'comfyui-demo-noise']) expect(printed).toContain(name);
  expect(printed).not.toContain('IMPORT FAILED');
});

it('the realized environment has the console script of a wheel', async () => {
  const help = await runIn(bench.target, '.venv/bin/demo-png', '--help');
  expect(help).toContain('usage: demo-png');
});

it('the realized environment runs a workflow over HTTP and gives a PNG', async () => {
  await using core = await serve(bench.target);
  const { width, height, pixels } = await picture(core, workflow('gradient'));
  expect([width, height]).toEqual([256, 256]);
  expect(colorsOf({ width, height, pixels }).size).toBeGreaterThan(100);
  expect(await upload(core, 'mine.png', Buffer.from('any'))).toMatchObject({ name: 'mine.png' });
});

it.each(ways)(
  '%s builds nothing, fetches nothing, changes nothing, and says so in its last event',
  async (_, prepare) => {
    await bench.realize('demo');
    const seen = () => ({
      target: listing(bench.target),
      // What tells of runs tells of this one too.
      cache: listing(bench.cache, { except: ['repeat', 'runs'] }),
    });
    const before = seen();
    prepare();
    const second = await bench.realize('demo');
    const steps = first.summary.built;
    const { ms, ms_saved: saved, ...rest } = second.summary;
    expect(rest).toEqual({
      type: 'run.finished',
      ok: true,
      built: 0,
      cached: steps,
      failed: 0,
      skipped: 0,
      bytes_fetched: 0,
      exit_code: 0,
      result: first.summary.result,
    });
    expect(Number.isInteger(ms)).toBe(true);
    expect(saved).toBeGreaterThan(0);
    expect(seen()).toEqual(before);
  },
);

it('every step.finished names its task, its title, its outcome and its milliseconds', async () => {
  const second = await bench.realize('demo');
  for (const { events } of [first, second]) {
    const started = events.find((event) => event.type === 'run.started')!;
    const finished = events.filter((event) => event.type === 'step.finished');
    expect(finished.map(({ step }) => step).toSorted((a, b) => a - b)).toEqual(started.steps.map(({ step }) => step));
    for (const event of finished) {
      expect(started.steps[event.step]).toMatchObject({
        step: event.step,
        task: event.task,
        name: event.name,
        title: event.title,
      });
      expect(event.title).toMatch(/\S/);
      expect(event.title).not.toContain('…');
      expect(event.ms).toBeGreaterThanOrEqual(0);
      expect(['built', 'cached']).toContain(event.outcome);
    }
  }
});

// Without strace, or where nothing may be traced, the next test says the same of the programs that could be called.
it.skipIf(!canTrace).each(ways)('%s starts no child process at all', async (_, prepare) => {
  await bench.realize('demo');
  prepare();
  const log = bench.at('strace');
  const traced = ['strace', '-f', '-o', log, '-e', 'trace=execve,fork,vfork,clone,clone3'];
  const { summary } = await bench.realize('demo', [], { under: traced });
  expect(summary).toMatchObject({ ok: true, built: 0 });
  const calls = readFileSync(log, 'utf8').split('\n');
  expect(calls.filter((call) => call.includes('execve('))).toHaveLength(1);
  // Threads are clones too; what is no thread is a process.
  const cloned = calls.filter((call) => /\b(?:clone3?|v?fork)\(/.test(call));
  expect(cloned.length).toBeGreaterThan(0);
  expect(cloned.filter((call) => !call.includes('CLONE_THREAD'))).toEqual([]);
});

it.each(ways)('%s calls neither git nor Python nor an installer', async (_, prepare) => {
  const programs = bench.at('programs');
  const called = bench.at('called');
  mkdirSync(programs, { recursive: true });
  for (const name of ['git', 'python3', 'python', 'pip', 'pip3', 'uv', 'sh']) {
    writeFileSync(join(programs, name), `#!/bin/sh\necho ${name} >>${called}\nexit 1\n`);
    chmodSync(join(programs, name), 0o755);
  }
  const { input } = JSON.parse(readFileSync(join(bench.target, '.pipeline/receipts/venv.answer'), 'utf8')) as {
    input: { interpreter: Interpreter };
  };
  const env = { COMFY_PYTHON: input.interpreter.path };
  expect((await bench.realize('demo', [], { env })).summary.ok).toBe(true);
  prepare();
  const { summary } = await bench.realize('demo', [], { env: { ...env, PATH: programs } });
  expect(summary).toMatchObject({ ok: true, built: 0 });
  expect(existsSync(called)).toBe(false);
});
