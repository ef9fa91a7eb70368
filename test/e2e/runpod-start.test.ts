import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { freePort } from '../rig/free-port.ts';
import { processesOf } from './processes.ts';
import { type Bench, checkout, openDemo } from './rig.ts';

const script = join(checkout, 'examples/runpod/start.sh');

let bench: Bench;
beforeEach(() => {
  bench = openDemo();
  mkdirSync(join(bench.project, 'node_modules/.bin'), { recursive: true });
  symlinkSync(join(checkout, 'pipelines/cli/launch.cjs'), join(bench.project, 'node_modules/.bin/pipeline'));
});
afterEach(() => bench[Symbol.dispose]());

/** A pod that is starting: its lines, as they come, and how it ends. */
function startPod(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const usual = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: bench.home };
  const own = { PROJECT: bench.project, VERSION: 'demo', VOLUME: bench.at('the volume'), ...env };
  // Where it starts is nothing to it.
  const child = spawn('sh', [script, ...args], {
    cwd: '/',
    env: { ...usual, ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const seen: string[] = [];
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, stderr, seen }));
  return {
    child,
    ended,
    async line(fits: RegExp): Promise<string> {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`No ${fits}:\n${seen.join('\n')}\n${stderr}`);
        seen.push(value);
        if (fits.test(value)) return value;
      }
    },
  };
}

it('a pod waits for its volume, realizes on it, and answers; SIGTERM ends it and all that it started', async () => {
  const port = String(await freePort());
  const pod = startPod({ PORT: port, HF_TOKEN: 'hf_that_nobody_may_see' }, ['--cpu']);
  await pod.line(/waiting for the volume/);
  mkdirSync(bench.at('the volume'));
  await pod.line(/^realized demo in /);
  await pod.line(/demo is ready at http:\/\/127\.0\.0\.1:/);
  const stats = await fetch(`http://127.0.0.1:${port}/system_stats`);
  const { system } = (await stats.json()) as { readonly system: { readonly argv: readonly string[] } };
  expect(system.argv).toEqual(expect.arrayContaining(['--listen', '127.0.0.1', '--port', port, '--cpu']));
  for (const path of ['cache/runpod-comfy/store', 'models', 'builds/comfy-demo/main.py'])
    expect([path, existsSync(bench.at('the volume', path))]).toEqual([path, true]);
  expect(lstatSync(bench.at('the volume/builds/comfy-demo')).isDirectory()).toBe(true);
  pod.child.kill('SIGTERM');
  const { stderr, seen } = await pod.ended;
  expect([...seen, stderr].join('\n')).not.toContain('nobody_may_see');
  expect(processesOf(bench.directory)).toEqual([]);

  // The next pod has nothing to do.
  const second = startPod({ PORT: port });
  expect(await second.line(/^realized demo in /)).toContain('0 built');
  await second.line(/demo is ready/);
  second.child.kill('SIGINT');
  await second.ended;
  expect(processesOf(bench.directory)).toEqual([]);
});

it('two pods that start at once share one volume: both answer, and what one has made the other need not make', async () => {
  mkdirSync(bench.at('the volume'));
  const ports = new Set<string>();
  while (ports.size < 2) ports.add(String(await freePort()));
  const pods = [...ports].map((PORT) => startPod({ PORT }));
  await Promise.all(pods.map((pod) => pod.line(/demo is ready at/)));
  for (const port of ports) expect((await fetch(`http://127.0.0.1:${port}/system_stats`)).status).toBe(200);
  for (const pod of pods) pod.child.kill('SIGTERM');
  const seen = (await Promise.all(pods.map((pod) => pod.ended))).map((ended) => ended.seen.join('\n'));
  expect(seen.filter((text) => /^realized demo in .* 0 built/m.test(text))).toHaveLength(1);
  expect(processesOf(bench.directory)).toEqual([]);
});

it('a pod that is told to end while it realizes ends, and the next one goes on from there', async () => {
  mkdirSync(bench.at('the volume'));
  const port = String(await freePort());
  const pod = startPod({ PORT: port });
  await pod.line(/^start: demo in /);
  pod.child.kill('SIGTERM');
  await pod.ended;
  expect(processesOf(bench.directory)).toEqual([]);
  const next = startPod({ PORT: port });
  await next.line(/demo is ready at/);
  next.child.kill('SIGTERM');
  await next.ended;
});

it('a pod that is told to end while it waits ends', async () => {
  const pod = startPod({});
  await pod.line(/waiting for the volume/);
  pod.child.kill('SIGTERM');
  expect((await pod.ended).exitCode).toBe(143);
});

it.each([
  [{ VERSION: '' }, 'VERSION is not set\nhint: '],
  [{ VERSION: 'other' }, 'versions/other.json is not there\nhint: '],
  [{ VOLUME_WAIT: '0' }, 'the volume that can be written to\nhint: '],
] as const)('%j is told before anything is done', async (env, words) => {
  const { exitCode, stderr, seen } = await startPod(env).ended;
  expect([exitCode, stderr, seen]).toEqual([1, expect.stringContaining(words), []]);
});

it('a pod without a lockfile does not make one', async () => {
  mkdirSync(bench.at('the volume'));
  rmSync(join(bench.project, 'lockfiles/demo.lock.json'));
  const { exitCode, stderr } = await startPod({ PORT: String(await freePort()) }).ended;
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining('lockfiles/demo.lock.json does not exist')]);
});
