import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { makeDemoSources } from '../../examples/demo/sources.ts';

export const from = join(import.meta.dirname, '../../examples/demo');

/** Runs a program and answers what it printed. */
export const run = promisify(execFile);

/** Whether this machine has a program that answers when it is run so. */
export function has(program: string, ...rest: string[]): boolean {
  try {
    execFileSync(program, rest, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether this machine has a Python that the demo runs on. */
export const hasPython = has('python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 9))');

/** A temporary directory with the demo's sources in it, gone when it is disposed of. */
export interface Bench extends Disposable {
  readonly directory: string;
  readonly sources: string;
}

export async function openBench(): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'demo-'));
  return {
    directory,
    sources: await makeDemoSources({ from, into: join(directory, 'sources') }),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

/** Lays a working directory out by hand, as a user without us would: clones, unpacks, copies. */
export async function assemble(
  bench: Bench,
  version: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const home = join(bench.directory, `home-${version}`);
  const clone = (name: string, to: string) =>
    run('git', [
      'clone',
      '-q',
      '-c',
      'advice.detachedHead=false',
      '--branch',
      `v${version}`,
      join(bench.sources, `git/${name}.git`),
      to,
    ]);
  await clone('comfy-core', home);
  for (const name of ['comfyui-demo-gradient', 'comfyui-demo-noise'])
    await clone(name, join(home, 'custom_nodes', name));
  const archive = join(bench.sources, `registry/archives/demo-palette-${version}.zip`);
  await run('python3', ['-m', 'zipfile', '-e', archive, join(home, 'custom_nodes/Demo-Palette')]);
  for (const [path, text] of Object.entries(more)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  return home;
}

/** Puts the models where they are looked for. */
export const copyModels = (bench: Bench, to: string): void =>
  cpSync(join(bench.sources, 'models'), to, { recursive: true });

/** The environment in which Python finds the demo's wheels. It imports them as they are, zipped. */
export function withWheels(bench: Bench): NodeJS.ProcessEnv {
  const wheels = readdirSync(join(bench.sources, 'wheels')).map((file) => join(bench.sources, 'wheels', file));
  return { ...process.env, PYTHONPATH: wheels.join(':') };
}

/** A running server. */
export interface Core extends AsyncDisposable {
  /** Its working directory. */
  readonly home: string;
  readonly origin: string;
  /** What it printed until it was ready, both streams. */
  readonly printed: readonly string[];
  readonly child: ChildProcess;
}

/** Starts `main.py` on a free port and waits until it says that it is ready. */
export async function startCore(bench: Bench, home: string): Promise<Core> {
  const child = spawn('python3', ['main.py', '--port', '0', '--cpu', '--disable-auto-launch'], {
    cwd: home,
    env: withWheels(bench),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const printed: string[] = [];
  createInterface(child.stderr).on('line', (line) => printed.push(line));
  let origin: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    printed.push(line);
    origin = /^Ready: (.+)$/.exec(line)?.[1];
    if (origin !== undefined) break;
  }
  if (origin === undefined) throw new Error(`The core did not start:\n${printed.join('\n')}`);
  child.stdout.resume();
  return {
    home,
    origin,
    printed,
    child,
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** A workflow that is shipped with the demo. */
export const workflow = (name: string): Prompt =>
  JSON.parse(readFileSync(join(from, 'workflows', `${name}.json`), 'utf8')) as Prompt;

export type Prompt = Record<string, { class_type: string; inputs: Record<string, unknown> }>;
