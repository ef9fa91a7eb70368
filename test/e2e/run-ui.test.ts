import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { freePort } from '../../tasks/tools/comfy/port.ts';
import { canLook, processesOf } from './processes.ts';
import { type Bench, openDemo } from './rig.ts';
import { makeTarget, talk } from './running.ts';

let bench: Bench;
beforeAll(() => (bench = openDemo()));
afterAll(() => bench[Symbol.dispose]());

const uiOf = (target: string, ...more: readonly string[]) => ['run-ui', 'demo', '--target', target, ...more];

/** Says how it was started, and what it is told to say, then ends as it is told. */
const telling = `
import json, os, sys
names = ("SAID", "COMFY_HOME", "VIRTUAL_ENV", "PYTHONPATH", "PATH")
print(json.dumps({"argv": sys.argv, "cwd": os.getcwd(), "env": {name: os.environ.get(name) for name in names}}))
sys.exit(7)
`;

interface Told {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | null>>;
}

/** Runs the `main.py` that says how it was started. */
async function told(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const ended = await bench.pipeline(args, { env });
  const line = ended.stdout.split('\n').find((text) => text.startsWith('{"argv"'));
  if (line === undefined) throw new Error(`It was not started:\n${ended.stdout}${ended.stderr}`);
  return { exitCode: ended.exitCode, ...(JSON.parse(line) as Told) };
}

/** Somebody else, who answers as a server would. */
async function stranger(port = 0): Promise<Server & AsyncDisposable> {
  const server = createServer((_, response) => response.end('{"system":{"argv":["/somebody/else/main.py"]}}'));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('the demo', () => {
  it('is realized, then runs until it is told to stop, and says where it is when it answers', async () => {
    const port = await freePort();
    const { child, line, exitCode } = talk(bench, uiOf(bench.target, '--port', String(port)));
    await line('stdout', (text) => text.startsWith('realized demo in '));
    // The server's own words stand between ours.
    await line('stdout', (text) => text === `Ready: http://127.0.0.1:${port}`);
    await line('stdout', (text) => text.endsWith(`demo is ready at http://127.0.0.1:${port}`));
    const stats = (await (await fetch(`http://127.0.0.1:${port}/system_stats`)).json()) as {
      system: { argv: string[] };
    };
    expect(stats.system.argv).toEqual([join(bench.target, 'main.py'), '--listen', '127.0.0.1', '--port', String(port)]);
    child.kill('SIGINT');
    await line('stdout', (text) => text === 'Stopped');
    // The core ends well when it is interrupted: so did this.
    expect(await exitCode).toBe(0);
    expect(processesOf(bench.directory)).toEqual([]);
  });

  it('runs again, though there is nothing to realize; a signal that it does not know ends it', async () => {
    const port = await freePort();
    for (const code of [143, 143]) {
      const { child, line, exitCode } = talk(bench, uiOf(bench.target, '--port', String(port), '--host', '0.0.0.0'));
      expect(await line('stdout', (text) => text.startsWith('warning'))).toContain('0.0.0.0');
      await line('stdout', (text) => text.endsWith(`demo is ready at http://127.0.0.1:${port}`));
      child.kill('SIGTERM');
      expect(await exitCode).toBe(code);
    }
    expect(processesOf(bench.directory)).toEqual([]);
  });

  it('--json keeps stdout to events', async () => {
    const port = await freePort();
    const { child, line, exitCode } = talk(bench, uiOf(bench.target, '--json', '--port', String(port)));
    const lines: string[] = [];
    await line('stdout', (text) => (lines.push(text), text.includes('demo is ready at')));
    child.kill('SIGTERM');
    await exitCode;
    for (const text of lines) expect(JSON.parse(text)).toHaveProperty('type');
    await line('stderr', (text) => text.startsWith('Ready: '));
  });

  // Elsewhere nothing ties a process to its parent.
  it.skipIf(process.platform !== 'linux')('a run that is killed takes its server with it', async () => {
    const port = await freePort();
    const { child, line, exitCode } = talk(bench, uiOf(bench.target, '--port', String(port)));
    await line('stdout', (text) => text.includes('demo is ready at'));
    expect(processesOf(bench.directory).length).toBeGreaterThan(1);
    child.kill('SIGKILL');
    await exitCode;
    while (processesOf(bench.directory).length > 0) await new Promise(setImmediate);
  });
});

describe('main.py', () => {
  it.each([['--'], ['--extra-args', '--']])(
    'is given what comes after %s %s, and its exit code is answered',
    async (...before) => {
      const target = bench.at(`telling-${before.length}`);
      makeTarget(target, telling);
      const rest = ['--cpu', '--preview-method', 'auto'];
      const port = String(await freePort());
      const { exitCode, argv, cwd } = await told(uiOf(target, '--no-realize', '--port', port, ...before, ...rest));
      expect(exitCode).toBe(7);
      expect(argv).toEqual([join(target, 'main.py'), ...'--listen 127.0.0.1 --port'.split(' '), port, ...rest]);
      expect(cwd).toBe(target);
    },
  );

  it("has the version's variables, its own environment first on the path, and nothing that the caller tells Python", async () => {
    const target = bench.at('env');
    makeTarget(target, telling);
    const version = {
      schema_version: 2,
      version_id: 'said',
      comfy: { repo: './core' },
      env: { SAID: '${CALLER} says' },
    };
    bench.write({ 'versions/said.json': version });
    const args = uiOf(target, '--no-realize', '--port', String(await freePort())).with(1, 'said');
    const { env } = await told(args, { CALLER: 'somebody', PYTHONPATH: '/elsewhere' });
    expect(env).toMatchObject({
      SAID: 'somebody says',
      COMFY_HOME: target,
      VIRTUAL_ENV: join(target, '.venv'),
      PYTHONPATH: null,
    });
    expect(env['PATH']).toMatch(new RegExp(`^${join(target, '.venv/bin')}:`));
  });

  it('is found where the first tools laid it out', async () => {
    const target = bench.at('generation-1');
    makeTarget(target, telling, 'ComfyUI');
    const { exitCode, argv, cwd } = await told(uiOf(target, '--no-realize', '--port', String(await freePort())));
    expect([exitCode, argv[0], cwd]).toEqual([7, join(target, 'ComfyUI/main.py'), join(target, 'ComfyUI')]);
  });

  it('hears the signals that it handles', async () => {
    const target = bench.at('hearing');
    const hearing = `
import signal, sys
def hear(number, frame):
    print("heard", signal.Signals(number).name, flush=True)
    sys.exit(5)
for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(one, hear)
print("listening", flush=True)
while True: signal.pause()
`;
    makeTarget(target, hearing);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const { child, line, exitCode } = talk(bench, uiOf(target, '--no-realize', '--port', String(await freePort())));
      await line('stdout', (text) => text === 'listening');
      child.kill(signal);
      await line('stdout', (text) => text === `heard ${signal}`);
      expect(await exitCode).toBe(5);
    }
  });
});

describe('a port', () => {
  it('that is taken is told with who has it, exit code 7, before anything is realized', async () => {
    await using server = await stranger();
    const { port } = server.address() as AddressInfo;
    const target = bench.at('never');
    const { exitCode, stdout, stderr } = await bench.pipeline(uiOf(target, '--port', String(port)));
    expect([exitCode, stdout, existsSync(target)]).toEqual([7, '', false]);
    expect(stderr).toContain(`Port ${port} is in use by`);
    if (canLook) expect(stderr).toContain(`process ${process.pid}`);
    expect(stderr).toMatch(/^hint: .*--port/m);
  });

  it('that a stranger takes meanwhile is not announced as ours', async () => {
    const port = await freePort();
    const target = bench.at('slow');
    const go = bench.at('go');
    // It waits for somebody else to be there, as it does for its libraries in real life.
    makeTarget(
      target,
      `import os, signal\nprint("loading", flush=True)\nwhile not os.path.exists(${JSON.stringify(go)}): pass\nsignal.pause()\n`,
    );
    const { line, exitCode } = talk(bench, uiOf(target, '--no-realize', '--port', String(port)));
    await line('stdout', (text) => text === 'loading');
    await using server = await stranger(port);
    writeFileSync(go, '');
    expect(await line('stderr', (text) => text.startsWith('error: '))).toContain(`Port ${port} is in use by`);
    expect(await exitCode).toBe(7);
    expect(processesOf(target)).toEqual([]);
    expect(server.listening).toBe(true);
  });

  it('is 8188 unless it is asked for another', async () => {
    const target = bench.at('usual');
    makeTarget(target, telling);
    const { stdout, stderr } = await bench.pipeline(uiOf(target, '--no-realize'));
    // Another server of this machine may have it.
    expect(stdout + stderr).toMatch(/"--listen", "127\.0\.0\.1", "--port", "8188"|Port 8188 is in use/);
  });

  it('or an address that cannot be is refused; one after -- is told where to write it', async () => {
    const elsewhere = await bench.pipeline(uiOf(bench.at('x'), '--host', '192.0.2.1'));
    expect([elsewhere.exitCode, elsewhere.stderr]).toEqual([3, expect.stringContaining('no such address')]);
    const late = await bench.pipeline(uiOf(bench.at('x'), '--', '--port=1'));
    expect([late.exitCode, late.stderr]).toEqual([
      2,
      expect.stringMatching(/--port cannot come after --\nhint: .*--port N/),
    ]);
  });
});
