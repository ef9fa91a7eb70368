import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { dirname } from 'node:path';

import { Failed } from '#engine';

import { linesOf, tail } from '../shell.ts';
import { guarded } from './guard.ts';

/** How to start a server: which one, with what, where it listens, and who hears it. */
export interface Launch {
  /** The interpreter of its environment, and its `main.py`. Absolute. */
  readonly python: string;
  readonly main: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where it listens: an address, or several with commas. */
  readonly host: string;
  readonly port: number;
  /** More arguments of `main.py`. */
  readonly args: readonly string[];
  /** Hears every line of both streams. Without it they are `streams`, which this process shares. */
  readonly onLine?: (line: string) => void;
  readonly streams?: readonly ['inherit' | number, 'inherit' | number];
  /** How long it may take to end by itself when it is stopped, in milliseconds. */
  readonly graceMs?: number;
}

/** A server of ours, in a process group of its own. It does not outlive this process. */
export interface Server extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly main: string;
  /** The leader of its process group. */
  readonly pid: number;
  /** Where this machine finds it: `http://127.0.0.1:8188`. */
  readonly origin: string;
  /** Its last lines until now, where they are heard. */
  readonly output: readonly string[];
  /** Its exit code, or 128 and the number of the signal that ended it. Never rejects. */
  readonly ended: Promise<number>;
  /** Passes a signal on to all of the group. */
  signal(name: NodeJS.Signals): void;
}

/** How long a server may take to end by itself when it is stopped, unless somebody says otherwise. */
const usualGraceMs = 5_000;
/** How long its last lines may take when it has ended: what left its process group may hold on to its pipes. */
const drainMs = 1_000;

/** Starts a server. It is not ready yet. Throws Failed (absent) when there is no such interpreter. */
export async function startServer(launch: Launch): Promise<Server> {
  const {
    python,
    main,
    host,
    port,
    environment,
    onLine,
    streams = ['inherit', 'inherit'],
    graceMs = usualGraceMs,
  } = launch;
  const program = [main, '--listen', host, '--port', String(port), ...launch.args];
  const child = spawn(python, guarded(python, program, { parent: process.pid, platform: process.platform }), {
    cwd: dirname(main),
    env: environment,
    detached: true,
    stdio: ['ignore', ...(onLine === undefined ? streams : (['pipe', 'pipe'] as const))],
  });
  const output = tail();
  const hear = (line: string): void => (output.add(line), onLine?.(line));
  for (const stream of [child.stdout, child.stderr]) {
    const lines = linesOf(hear);
    stream?.on('data', (chunk: Buffer) => lines.write(chunk)).on('end', () => lines.end());
  }
  try {
    await once(child, 'spawn');
  } catch {
    throw new Failed({ kind: 'absent', what: python, hint: 'realize the version again' });
  }
  const pid = child.pid!;
  let isOver = false;
  const kill = (name: NodeJS.Signals): void => {
    // The number of a group that is gone may be another's by now.
    if (!isOver) signalGroup(pid, name);
  };
  const endAll = (): void => kill('SIGKILL');
  process.on('exit', endAll);
  const ended = endOf(child, endAll).finally(() => {
    isOver = true;
    process.removeListener('exit', endAll);
  });
  return {
    host,
    port,
    main,
    pid,
    origin: originOf(host, port),
    output: output.lines,
    ended,
    signal: kill,
    async [Symbol.asyncDispose]() {
      kill('SIGTERM');
      const killing = setTimeout(endAll, graceMs);
      await ended;
      clearTimeout(killing);
    },
  };
}

/** Waits for a child to end, ends what it leaves behind, and waits for its last lines. */
async function endOf(child: ChildProcess, endAll: () => void): Promise<number> {
  const closed = once(child, 'close');
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  endAll();
  const draining = setTimeout(() => (child.stdout?.destroy(), child.stderr?.destroy()), drainMs);
  await closed;
  clearTimeout(draining);
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** Signals a process group; one that is gone already is what was wanted. */
function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {}
}

/** Where a server that listens at `host` is found from this machine. */
function originOf(host: string, port: number): string {
  const [first = host] = host.split(',');
  const at = { '0.0.0.0': '127.0.0.1', '::': '::1' }[first] ?? first;
  return `http://${at.includes(':') ? `[${at}]` : at}:${port}`;
}
