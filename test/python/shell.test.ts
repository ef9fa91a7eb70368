import { mkdtempDisposableSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

import { describe as inWords, Failed, type Failure } from '#engine';
import { openShell } from '../../tasks/tools/shell.ts';

const environment = { PATH: process.env['PATH'] ?? '' };

function open(change: Partial<Parameters<typeof openShell>[0]> = {}) {
  const stop = new AbortController();
  const said: string[] = [];
  const shell = openShell({ environment, signal: stop.signal, onLine: (line) => said.push(line), ...change });
  return { shell, said, stop };
}

async function failureOf(running: Promise<unknown>): Promise<Failure> {
  const error: unknown = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failed)) throw new Error('Expected a failure', { cause: error });
  return error.failure;
}

/** Whether a process is there and not merely waiting to be forgotten. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('lines of both streams are heard as they come, the last of standard output are the answer', async () => {
  const { shell, said } = open();
  const script = 'echo one; echo two >&2; printf "50%%\\r100%%\\n\\nlast"; seq 30';
  expect((await shell.run(['sh', '-c', script])).stdout).toEqual(Array.from({ length: 20 }, (_, n) => `${n + 11}`));
  expect(said).toEqual(expect.arrayContaining(['one', 'two', '50%', '100%', 'last1', '30']));
});

test('a character that is torn between two chunks stays whole', async () => {
  const { shell, said } = open();
  await shell.run(['sh', '-c', 'yes ää | head -n 40000']);
  expect(said).toHaveLength(40_000);
  expect(new Set(said)).toEqual(new Set(['ää']));
});

test('arguments reach the program as they are', async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'shell-'));
  const hostile = ['$(touch hacked)', '`touch hacked`', '; touch hacked', "it's", '*', '', 'a\nb', '$HOME'];
  const { stdout } = await open().shell.run(['printf', '<%s>\n', ...hostile], { cwd: directory.path });
  expect(stdout.join('\n')).toBe(hostile.map((argument) => `<${argument}>`).join('\n'));
  expect(readdirSync(directory.path)).toEqual([]);
});

test('a child has the given environment and nothing else', async () => {
  const { stdout } = await open().shell.run(['env'], { environment: { PATH: environment.PATH, ONLY: 'this' } });
  expect(stdout.toSorted()).toEqual(['ONLY=this', `PATH=${environment.PATH}`]);
});

test('a failure keeps the exit code and the last twenty lines', async () => {
  const failure = await failureOf(open().shell.run(['sh', '-c', 'seq 30; echo no >&2; exit 3']));
  expect(failure).toMatchObject({ kind: 'command', exitCode: 3, command: "sh -c 'seq 30; echo no >&2; exit 3'" });
  expect(failure.kind === 'command' && failure.output).toHaveLength(20);
  expect(await failureOf(open().shell.run(['sh', '-c', 'kill -9 $$']))).toMatchObject({
    kind: 'command',
    exitCode: null,
  });
});

test('secrets, and credentials in URLs, are in nothing that is said', async () => {
  const { shell, said } = open({ secrets: ['hunter22'] });
  const failure = await failureOf(shell.run(['sh', '-c', 'echo hunter22 https://me:pass@host/x?token=t; exit 1']));
  const everything = [...said, inWords(failure).message].join('\n');
  expect(everything).toContain('https://host/x');
  for (const secret of ['hunter22', 'pass@', 'token=']) expect(everything).not.toContain(secret);
});

test('a program that is not there is named', async () => {
  expect(await failureOf(open().shell.run(['no-such-program', 'x']))).toMatchObject({
    kind: 'absent',
    what: 'The program no-such-program',
  });
});

test('stopping ends a child with its descendants', async () => {
  const { shell, stop } = open();
  let descendant = 0;
  const running = shell.run(['sh', '-c', 'sleep 1000 & echo $!; wait'], {
    onLine(line) {
      descendant = Number(line);
      expect(isRunning(descendant)).toBe(true);
      stop.abort();
    },
  });
  expect(await failureOf(running)).toEqual({ kind: 'cancelled' });
  expect(isRunning(descendant)).toBe(false);
  expect(await failureOf(shell.run(['true']))).toEqual({ kind: 'cancelled' });
});

test('a child that does not listen is killed', async () => {
  const { shell, stop } = open();
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const running = shell.run(['sh', '-c', "trap '' TERM; echo ready; while :; do read never </dev/zero; done"], {
      onLine() {
        stop.abort();
        vi.advanceTimersByTime(5_000);
      },
    });
    expect(await failureOf(running)).toEqual({ kind: 'cancelled' });
  } finally {
    vi.useRealTimers();
  }
});
