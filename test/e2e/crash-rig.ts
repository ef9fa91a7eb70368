import { execFileSync, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { globSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const checkout = resolve(import.meta.dirname, '../..');

/** A project with the demo in two states: `shipped` pins what the demo pins, `earlier` is another lockfile of the same version. */
export interface Yard {
  readonly path: string;
  readonly project: string;
  /** The directories of one world: two worlds share nothing. */
  world(name: string): World;
  [Symbol.dispose](): void;
}

/** Everything a realize reads and writes beside the project. Its target's links are relative, so worlds may be compared. */
export interface World {
  readonly path: string;
  readonly cache: string;
  readonly target: string;
}

/** Which lockfile of the demo is realized. */
export type Lock = 'shipped' | 'earlier';

/** How a process ended: with an exit code, or by a signal. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly ms: number;
}

/** A realize under way. `kill` ends its whole process group at once. */
export interface Running {
  readonly ended: Promise<Ended>;
  kill(): void;
}

/** Copies the demo into a project of its own below the system's temporary directory. */
export function openYard(): Yard {
  const path = mkdtempSync(join(tmpdir(), 'crash-'));
  const project = join(path, 'project');
  for (const name of ['versions/demo.json', 'lockfiles/demo.lock.json']) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), readFileSync(join(checkout, name)));
  }
  writeFileSync(lockPath(project, 'shipped'), readFileSync(join(checkout, 'lockfiles/demo.lock.json')));
  return {
    path,
    project,
    world(name) {
      const at = join(path, name);
      return { path: at, cache: join(at, 'cache'), target: join(at, 'target') };
    },
    // An orphan of a run that was killed may write for a moment longer.
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }),
  };
}

const lockPath = (project: string, lock: Lock): string => join(project, `${lock}.lock.json`);

/**
 * Writes the `earlier` lockfile: two nodes at their first commits (one of them pinned there already), the other way round for
 * the third, an older pack, one model less. `cache` is one in which the demo's sources were made.
 */
export function writeEarlier({ project }: Yard, cache: string): void {
  const [sources] = globSync(join(cache, 'demo/*/'));
  const commitAt = (name: string, tag: string): string =>
    execFileSync('git', [`--git-dir=${sources}/git/${name}.git`, 'rev-parse', `${tag}^{commit}`], { encoding: 'utf8' }).trim();
  const lock = JSON.parse(readFileSync(lockPath(project, 'shipped'), 'utf8'));
  const node = (name: string) => lock.nodes.find((one: { name: string }) => one.name === name);
  for (const [name, tag] of [['comfyui-demo-gradient', 'v1.0.0'], ['comfyui-demo-noise', 'v1.1.0']] as const)
    Object.assign(node(name), { commit: commitAt(name, tag), ref: `refs/tags/${tag}` });
  const archive = readFileSync(`${sources}/registry/archives/demo-palette-1.0.0.zip`);
  Object.assign(node('Demo-Palette'), {
    version: '1.0.0',
    url: 'demo://registry/archives/demo-palette-1.0.0.zip',
    sha256: hash('sha256', archive),
    size: archive.length,
  });
  lock.models.pop();
  writeFileSync(lockPath(project, 'earlier'), JSON.stringify(lock));
}

/** Starts a realize in a process group of its own. `through` is a program that starts it, with its arguments. */
export function start(yard: Yard, world: World, lock: Lock, through: readonly string[] = []): Running {
  const flags = ['--lock', lockPath(yard.project, lock), '--target', world.target, '--json'];
  const argv = [...through, process.execPath, join(checkout, 'pipelines/cli/launch.js'), 'realize', 'demo', ...flags];
  mkdirSync(join(world.path, 'home'), { recursive: true });
  const env = {
    PATH: process.env['PATH'],
    HOME: join(world.path, 'home'),
    COMFY_CACHE_ROOT: world.cache,
    MODELS_DIR: join(world.path, 'models'),
    // Of the runtime's own threads, so that counting system calls by thread counts them all.
    UV_THREADPOOL_SIZE: through.length === 0 ? '4' : '1',
  };
  const began = performance.now();
  const child = spawn(argv[0]!, argv.slice(1), { cwd: yard.project, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return {
    ended: once(child, 'close').then(([exitCode, signal]) => ({ exitCode, signal, output, ms: performance.now() - began })),
    kill() {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
    },
  };
}

/** Realizes to the end. Throws what was said when that is not exit code 0. */
export async function realize(yard: Yard, world: World, lock: Lock): Promise<Ended> {
  const ended = await start(yard, world, lock).ended;
  if (ended.exitCode !== 0) throw new Error(`exit ${ended.exitCode} ${ended.signal}\n${ended.output}`);
  return ended;
}

/** Everything in a target that is the same for every clean realize of one lockfile, a line a path, sorted. */
export function contentsOf({ target }: World): readonly string[] {
  const paths = globSync(['*', '**/*', '**/.*', '**/.*/**'], { cwd: target }) ;
  return paths.filter((path) => !/^\.pipeline\/(?:history|target\.json)/.test(path)).toSorted().map((path) => `${path} ${entryAt(join(target, path))}`);
}

function entryAt(path: string): string {
  const stat = lstatSync(path);
  const mode = (stat.mode & 0o7777).toString(8);
  if (stat.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  if (!stat.isFile()) return `${stat.isDirectory() ? 'directory' : 'other'} ${mode}`;
  return `${mode} ${hash('sha256', steady(path, readFileSync(path)))}`;
}

/** The bytes of a file, those of our records without what differs from one realize to the next. */
function steady(path: string, bytes: Buffer): string | Buffer {
  if (path.endsWith('.files')) return bytes.toString().replaceAll(/^([fx]\t\d+\t\w+)(?:\t[^\t\n]*){3}/gm, '$1');
  return path.endsWith('.answer') ? bytes.toString().replace(/,"at":"[^"]*","ms":\d+/, '') : bytes;
}

/** Names below a cache that only a run that is not over should have. */
export const leftovers = ({ cache, target }: World): readonly string[] => [
  ...globSync(['**/tmp/*', 'git/incoming/*', 'demo/.making-*', 'probes/*.json.*'], { cwd: cache }),
  ...globSync(['staging', 'trash', 'journal.json', '**/*.part'], { cwd: join(target, '.pipeline') }),
];

/** Numbers from 0 to 1 that are the same for every run with one seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
