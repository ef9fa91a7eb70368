import type { ChildProcess, spawn, SpawnOptions } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';

import { Failed } from '#engine';

import { redactSecrets, redactUrl } from './redact.ts';

/** A program and its arguments, as they are: no shell reads them. */
export type Argv = readonly [program: string, ...rest: string[]];

/** Runs programs of this machine, one at a time or side by side. */
export interface Shell {
  /**
   * Runs one program to its end and answers the last lines it wrote to standard output. Its process group ends with the run.
   * Throws a `command` failure on any exit code but 0, `absent` when there is no such program, `cancelled` when stopped.
   */
  run(
    argv: Argv,
    how?: {
      readonly cwd?: string;
      /** The whole environment of the child, instead of the shell's. */
      readonly environment?: Environment;
      /** Hears every line of both streams, instead of the shell's own listener. */
      readonly onLine?: (line: string) => void;
    },
  ): Promise<{ readonly stdout: readonly string[] }>;
}

export type Environment = Readonly<Record<string, string>>;

/** How many lines of a child's output a failure or an answer keeps. */
const keptLines = 20;
/** Characters after which a line, or an argument in a message, is cut. */
const keptWidth = 2_000;
const shownWidth = 80;
/** How long a child may take to end by itself when it is stopped. */
const graceMs = 5_000;

/** A shell for one step: `signal` stops its children, `onLine` hears them, `secrets` never appear in what it says. */
export function openShell(options: {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
  readonly secrets?: readonly string[];
}): Shell {
  const { signal, secrets = [] } = options;
  const clean = (text: string): string => redactSecrets(redactUrl(text), secrets);
  return {
    async run(argv, { cwd, environment = options.environment, onLine = options.onLine ?? (() => {}) } = {}) {
      if (signal.aborted) throw new Failed({ kind: 'cancelled' });
      const [{ $ }, { spawn: start }] = await Promise.all([import('zx/core'), import('node:child_process')]);
      const stdout = tail();
      const all = tail();
      const hear = (line: string): void => {
        const said = clean(line);
        all.add(said);
        onLine(said);
      };
      const streams = { stdout: linesOf((line) => (stdout.add(line), hear(line))), stderr: linesOf(hear) };
      const store = { stdout: [], stderr: [], stdall: [] };
      const child = $({
        // Whatever is not said here, zx takes from ZX_ variables.
        shell: true,
        cwd: cwd ?? process.cwd(),
        preferLocal: false,
        timeout: 0,
        nothrow: true,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: environment,
        quote: (argument) => argument,
        spawn: spawning(argv, start),
        store,
        log(entry) {
          if (entry.kind === 'stdout' || entry.kind === 'stderr') streams[entry.kind].write(entry.data);
          for (const chunks of Object.values(store)) chunks.length = 0;
        },
      })`${argv}`;
      const ended = await endedWith(child, child.child, signal);
      for (const stream of Object.values(streams)) stream.end();
      if (signal.aborted) throw new Failed({ kind: 'cancelled' });
      if (ended.cause !== null) throw unstartable(argv, ended.cause);
      if (ended.exitCode === 0) return { stdout: stdout.lines };
      const command = clean(shown(argv));
      throw new Failed({ kind: 'command', command, exitCode: ended.exitCode, output: all.lines });
    },
  };
}

/** What zx starts instead of a shell: the program itself. */
const spawning = ([program, ...rest]: Argv, start: typeof spawn): typeof spawn =>
  ((_command: string, _arguments: readonly string[], options: SpawnOptions) =>
    start(program, rest, { ...options, shell: false })) as unknown as typeof spawn;

/** Children that run now, each the leader of its own group: a listener ends them with this process. */
const running = new Set<number>();
const endAll = (): void => running.forEach((pid) => endGroup(pid, 'SIGKILL'));

/** Waits for a child to end and to let go of its pipes. A stopped one is asked first, then killed with its descendants. */
async function endedWith<Output>(ending: Promise<Output>, child: ChildProcess | undefined, signal: AbortSignal) {
  const pid = child?.pid;
  if (pid === undefined) return ending;
  let killing: NodeJS.Timeout | undefined;
  const stop = (): void => {
    endGroup(pid, 'SIGTERM');
    killing = setTimeout(() => (endGroup(pid, 'SIGKILL'), child?.stdout?.destroy(), child?.stderr?.destroy()), graceMs);
  };
  if (running.size === 0) process.once('exit', endAll);
  running.add(pid);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await ending;
  } finally {
    clearTimeout(killing);
    if (signal.aborted) endGroup(pid, 'SIGKILL');
    signal.removeEventListener('abort', stop);
    running.delete(pid);
    if (running.size === 0) process.removeListener('exit', endAll);
  }
}

/** Signals a process group; one that is gone already is what was wanted. */
function endGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {}
}

/** Splits chunks of bytes into lines; a carriage return ends one too, as progress bars use it. */
export function linesOf(each: (line: string) => void): { write(chunk: Buffer | string): void; end(): void } {
  const decoder = new StringDecoder();
  let rest = '';
  const take = (text: string): void => {
    const lines = (rest + text).split(/\r?\n|\r/);
    rest = lines.pop()!.slice(0, keptWidth);
    for (const line of lines) if (line !== '') each(line.slice(0, keptWidth));
  };
  return {
    write: (chunk) => take(typeof chunk === 'string' ? chunk : decoder.write(chunk)),
    end: () => take(`${decoder.end()}\n`),
  };
}

/** The last lines of something long. */
export function tail(): { readonly lines: readonly string[]; add(line: string): void } {
  const lines: string[] = [];
  return {
    lines,
    add(line) {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
    },
  };
}

/** A command for people: long arguments cut, arguments with spaces quoted. */
const shown = (argv: Argv): string =>
  argv
    .map((argument) => argument.replaceAll(/\s+/g, ' ').trim())
    .map((argument) => (argument.length > shownWidth ? `${argument.slice(0, shownWidth)}…` : argument))
    .map((argument) => (/^[\w@%+=:,./<>~-]+$/.test(argument) ? argument : `'${argument}'`))
    .join(' ');

/** Why a program could not even be started. */
function unstartable([program]: Argv, cause: Error): Error {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'EACCES') return cause;
  return new Failed({
    kind: 'absent',
    what: `The program ${program}`,
    hint: 'install it, or add its directory to PATH',
  });
}
