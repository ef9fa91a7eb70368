import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { Event } from '#engine';

import { readVersion, versionDigest } from '../../pipelines/documents/version.ts';

/** The checkout under test. */
export const checkout = join(import.meta.dirname, '../..');
const launch = join(checkout, 'pipelines/cli/launch.cjs');

type Finished = Extract<Event, { type: 'step.finished' }>;
type Summary = Extract<Event, { type: 'run.finished' }>;

/** What a run of the command line came to. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of stdout, where `--json` was given. */
  readonly events: readonly Event[];
  /** How each step ended, by its name: `{ 'fetch-node foo': 'cached' }`. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** The names of the steps that were built, sorted. */
  readonly built: readonly string[];
  /** What a person was told besides. */
  readonly notes: readonly string[];
  /** The last event. Throws when it is another one than `run.finished`. */
  readonly summary: Summary;
  /** The only step that failed. Throws when there is none, or another one. */
  readonly failed: Extract<Finished, { outcome: 'failed' }>;
}

/** A run that goes on. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** How a run differs from the usual one. */
interface How {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Put before the command: `strace ...`. */
  readonly under?: readonly string[];
}

/** A user's machine in a temporary directory: a project, a cache, a home, and room for targets. */
export interface Bench extends Disposable {
  readonly directory: string;
  readonly project: string;
  readonly cache: string;
  readonly home: string;
  /** Where `realize` makes it unless told otherwise. */
  readonly target: string;
  /** A path below the directory. */
  at(...names: readonly string[]): string;
  /** Writes files of the project: text as it is, anything else as JSON. */
  write(files: Readonly<Record<string, unknown>>): void;
  /** Writes a version of that id with a lockfile that is of it; answers the lockfile's path. */
  lock(id: string, pins: Readonly<Record<string, unknown>>): string;
  start(args: readonly string[], how?: How): Running;
  pipeline(args: readonly string[], how?: How): Promise<Ended>;
  /** `pipeline realize <id> --target <target> --json`, and more. */
  realize(id: string, more?: readonly string[], how?: How): Promise<Ended>;
}

/** Opens a bench. `cache` is a warm one to start from: it is copied. */
export function openBench({ cache: warm }: { readonly cache?: string } = {}): Bench {
  const directory = mkdtempSync(join(tmpdir(), 'e2e-'));
  const at = (...names: readonly string[]): string => join(directory, ...names);
  const [project, cache, home, target] = [at('project'), at('cache'), at('home'), at('target')];
  for (const path of [join(project, 'versions'), join(project, 'lockfiles'), home])
    mkdirSync(path, { recursive: true });
  if (warm !== undefined) copyTree(warm, cache);
  const usual = {
    HOME: home,
    COMFY_CACHE_ROOT: cache,
    MODELS_DIR: join(cache, 'models'),
    PIP_CONFIG_FILE: '/dev/null',
  };
  const start: Bench['start'] = (args, { env = {}, cwd = project, under = [] } = {}) => {
    const [command, ...rest] = [...under, process.execPath, launch, ...args];
    const environment = { PATH: process.env['PATH'] ?? '', ...usual, ...env };
    const child = spawn(command!, rest, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    return { child, ended: endOf(child, args.includes('--json')) };
  };
  const pipeline: Bench['pipeline'] = (args, how) => start(args, how).ended;
  const write: Bench['write'] = (files) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(
        join(project, path),
        typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`,
      );
    }
  };
  return {
    directory,
    project,
    cache,
    home,
    target,
    at,
    write,
    lock(id, pins) {
      write({ [`versions/${id}.json`]: { schema_version: 2, version_id: id, comfy: { repo: './core' } } });
      const digest = versionDigest(readVersion({ root: project, id }).version);
      const file = `lockfiles/${id}.lock.json`;
      write({ [file]: { schema_version: 3, version_id: id, version_digest: digest, ...pins } });
      return join(project, file);
    },
    start,
    pipeline,
    realize: (id, more = [], how = {}) => pipeline(['realize', id, '--target', target, '--json', ...more], how),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Copies a directory as it is: modes, times, links. */
export const copyTree = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });

/** A bench with a copy of the version and the lockfile that ship with the product. */
export function openDemo(from: { readonly cache?: string } = {}): Bench {
  const bench = openBench(from);
  for (const file of [
    'versions/demo.json',
    'versions/schema.json',
    'lockfiles/demo.lock.json',
    'lockfiles/schema.json',
  ])
    bench.write({ [file]: readFileSync(join(checkout, file), 'utf8') });
  return bench;
}

async function endOf(child: ChildProcess, json: boolean): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.setEncoding('utf8').on('data', (text: string) => void (texts[name] += text));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const { stdout, stderr } = texts;
  const events = json
    ? stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Event)
    : [];
  const finished = events.filter((event) => event.type === 'step.finished');
  return {
    exitCode,
    stdout,
    stderr,
    events,
    outcomes: Object.fromEntries(finished.map(({ name, outcome }) => [name, outcome])),
    built: finished.flatMap(({ name, outcome }) => (outcome === 'built' ? [name] : [])).toSorted(),
    notes: events.flatMap((event) => (event.type === 'note' ? [event.text] : [])),
    get summary() {
      const last = events.at(-1);
      if (last?.type === 'run.finished') return last;
      throw new Error(`The run did not finish (${exitCode}):\n${stderr}${stdout}`);
    },
    get failed() {
      const [first, ...others] = finished.filter(({ outcome }) => outcome === 'failed');
      if (first?.outcome === 'failed' && others.length === 0) return first;
      throw new Error(`Expected one failed step (${exitCode}):\n${stderr}${stdout}`);
    },
  };
}
