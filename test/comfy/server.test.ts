import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';

import { toFailure } from '#engine';

import { guarded } from '../../tasks/tools/comfy/guard.ts';
import { whoListens } from '../../tasks/tools/comfy/listeners.ts';
import { assertFree, freePort } from '../../tasks/tools/comfy/port.ts';
import { untilReady } from '../../tasks/tools/comfy/ready.ts';
import { startServer } from '../../tasks/tools/comfy/server.ts';
import { startOnFreePort } from '../../tasks/tools/comfy/start.ts';
import { canLook, processesOf } from '../e2e/processes.ts';
import { answering, mainOf } from './python.ts';

const never = new AbortController().signal;
const failureOf = async (work: Promise<unknown>) => work.then(() => undefined, toFailure);

/** Somebody else, who answers every question as a server would. */
async function stranger(host = '127.0.0.1'): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((_, response) => response.end('{"system":{"argv":["/somebody/else/main.py"]}}'));
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Says it is there, and never listens. */
const idle = `
import signal, sys
print("loading models", flush=True)
signal.pause()
`;

it('a server is ready when it answers, has a process group of its own, and leaves nothing when it is stopped', async () => {
  using made = mainOf(answering);
  const lines: string[] = [];
  const server = await startOnFreePort({ ...made.launch, onLine: (line) => lines.push(line) }, { signal: never });
  const stats = (await (await fetch(`${server.origin}/system_stats`)).json()) as { system: { argv: string[] } };
  expect(stats.system.argv).toEqual([made.launch.main, '--listen', '127.0.0.1', '--port', String(server.port)]);
  expect(lines).toContain('listening');
  expect(() => process.kill(-server.pid, 0)).not.toThrow();
  await server[Symbol.asyncDispose]();
  expect(await server.ended).toBe(143);
  expect(processesOf(made.home)).toEqual([]);
});

it('what a server started is stopped with it', async () => {
  using made = mainOf(
    `import subprocess, sys\nsubprocess.Popen([sys.executable, "-c", "import signal; signal.pause()", __file__])\n${answering}`,
  );
  const server = await startOnFreePort({ ...made.launch, onLine: () => {} }, { signal: never });
  if (canLook) expect(processesOf(made.home)).toHaveLength(2);
  await server[Symbol.asyncDispose]();
  expect(processesOf(made.home)).toEqual([]);
});

it('a server that asks not to be stopped is stopped', async () => {
  using made = mainOf(`import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n${answering}`);
  const server = await startOnFreePort({ ...made.launch, onLine: () => {}, graceMs: 50 }, { signal: never });
  await server[Symbol.asyncDispose]();
  expect(await server.ended).toBe(137);
});

it('a server that dies while it starts is a failure with its last lines and its exit code', async () => {
  using made = mainOf('import sys\nprint("step one")\nprint("no such module: torch", file=sys.stderr)\nsys.exit(3)\n');
  const failure = await failureOf(startOnFreePort({ ...made.launch, onLine: () => {} }, { signal: never }));
  expect(failure).toMatchObject({ kind: 'command', command: made.launch.main, exitCode: 3 });
  expect(failure).toHaveProperty('output', expect.arrayContaining(['step one', 'no such module: torch']));
});

it('a server that never answers is given up and stopped, and what it said is told', async () => {
  using made = mainOf(idle);
  const failure = await failureOf(
    startOnFreePort({ ...made.launch, onLine: () => {} }, { signal: never, withinMs: 3000 }),
  );
  expect(failure).toMatchObject({
    kind: 'command',
    output: ['loading models'],
    hint: expect.stringContaining('3 s') as string,
  });
  expect(processesOf(made.home)).toEqual([]);
});

it('a server is stopped when nobody waits for it any more', async () => {
  using made = mainOf(idle);
  const stopping = new AbortController();
  const onLine = (): void => stopping.abort();
  const failure = await failureOf(startOnFreePort({ ...made.launch, onLine }, { signal: stopping.signal }));
  expect(failure).toEqual({ kind: 'cancelled' });
  expect(processesOf(made.home)).toEqual([]);
});

it('a stranger that answers in its place is not taken for the server', async () => {
  await using other = await stranger();
  using made = mainOf(idle);
  await using server = await startServer({ ...made.launch, host: '127.0.0.1', port: other.port, onLine: () => {} });
  const failure = await failureOf(untilReady(server, { signal: never }));
  expect(failure).toMatchObject({ kind: 'busy', what: `Port ${other.port}` });
  if (canLook) expect(failure).toHaveProperty('holder', expect.stringContaining(`process ${process.pid}`));
});

it('a port that somebody takes first is left to them, and another one tried', async () => {
  await using other = await stranger();
  using made = mainOf(answering);
  const ports = [other.port, await freePort()];
  const choosePort = async (): Promise<number> => ports.shift()!;
  const wanted = ports[1];
  await using server = await startOnFreePort({ ...made.launch, onLine: () => {} }, { signal: never, choosePort });
  expect(server.port).toBe(wanted);
});

it('an interpreter that is not there is said to be absent', async () => {
  using made = mainOf(answering);
  const launch = { ...made.launch, python: `${made.home}/.venv/bin/python`, onLine: () => {} };
  expect(await failureOf(startOnFreePort(launch, { signal: never }))).toMatchObject({
    kind: 'absent',
    what: launch.python,
  });
});

it('a taken port is told with who has it', async () => {
  await using other = await stranger();
  const failure = await failureOf(assertFree('127.0.0.1', other.port));
  expect(failure).toMatchObject({
    kind: 'busy',
    what: `Port ${other.port}`,
    hint: expect.stringContaining('--port') as string,
  });
  if (canLook) expect(failure).toHaveProperty('holder', expect.stringContaining(`process ${process.pid}`));
  expect(await failureOf(assertFree('192.0.2.1', other.port))).toMatchObject({ kind: 'refused', what: '192.0.2.1' });
  expect(await failureOf(assertFree('127.0.0.1', await freePort()))).toBeUndefined();
});

it.skipIf(!canLook)('who listens is known by port and by address', async () => {
  await using other = await stranger('127.0.0.1');
  const [, , group] = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  expect(whoListens('127.0.0.1', other.port, group)).toEqual({ who: 'ours' });
  expect(whoListens('0.0.0.0', other.port, group)).toEqual({ who: 'ours' });
  expect(whoListens('localhost', other.port, group)).toEqual({ who: 'ours' });
  expect(whoListens('127.0.0.1', other.port, group! + 1)).toMatchObject({ who: 'stranger' });
  expect(whoListens('127.0.0.2', other.port, group)).toEqual({ who: 'nobody' });
  expect(whoListens('::1', other.port, group)).toEqual({ who: 'nobody' });
  expect(whoListens('127.0.0.1', await freePort(), group)).toEqual({ who: 'nobody' });
});

it.skipIf(!canLook)('who listens is known by IPv6 addresses too', async () => {
  await using every = await stranger('::');
  expect(whoListens('127.0.0.1', every.port)).toMatchObject({ who: 'stranger' });
  expect(whoListens('::1', every.port)).toMatchObject({ who: 'stranger' });
  await using one = await stranger('::1');
  expect(whoListens('0:0:0:0:0:0:0:1', one.port)).toMatchObject({ who: 'stranger' });
  expect(whoListens('127.0.0.1', one.port)).toEqual({ who: 'nobody' });
});

it('where processes cannot be tied to their parent, the program is run as it is', () => {
  const program = ['main.py', '--port', '1'];
  expect(guarded('/p', program, { parent: 1, platform: 'darwin' })).toEqual(program);
  expect(guarded('/p', program, { parent: 1, platform: 'linux' }).slice(-4)).toEqual(['/p', ...program]);
});
