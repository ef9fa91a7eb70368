import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Bench, Running } from './rig.ts';
import { type Listing, listing } from './tree.ts';

/** Numbers from 0 to 1, the same ones for every run with one seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The lockfile the demo ships with, or the one that `writeEarlier` writes. */
export type Lock = 'demo' | 'earlier';

/** Writes another lockfile of the demo: one node goes back, one goes forth, the pack is an older one, a model is gone. */
export function writeEarlier(bench: Bench): void {
  const sources = dirname(globSync(join(bench.cache, 'demo/*/registry'))[0]!);
  const commitOf = (name: string, tag: string): string => {
    const argv = [`--git-dir=${sources}/git/${name}.git`, 'rev-parse', `${tag}^{commit}`];
    return execFileSync('git', argv, { encoding: 'utf8' }).trim();
  };
  const archive = 'registry/archives/demo-palette-1.0.0.zip';
  const bytes = readFileSync(`${sources}/${archive}`);
  const changes: Readonly<Record<string, object>> = {
    'comfyui-demo-gradient': { commit: commitOf('comfyui-demo-gradient', 'v1.0.0'), ref: 'refs/tags/v1.0.0' },
    'comfyui-demo-noise': { commit: commitOf('comfyui-demo-noise', 'v1.1.0'), ref: 'refs/tags/v1.1.0' },
    'Demo-Palette': {
      version: '1.0.0',
      url: `demo://${archive}`,
      sha256: hash('sha256', bytes),
      size: bytes.length,
    },
  };
  const lock = JSON.parse(readFileSync(lockPath(bench, 'demo'), 'utf8'));
  const nodes = lock.nodes.map((node: { readonly name: string }) => ({ ...node, ...changes[node.name] }));
  writeFileSync(lockPath(bench, 'earlier'), JSON.stringify({ ...lock, nodes, models: lock.models.slice(1) }));
}

const lockPath = ({ project }: Bench, lock: Lock): string => join(project, `lockfiles/${lock}.lock.json`);

/** Starts a realize in a process group of its own: what `kill -9 -- -<pid>` ends. `under` is put before the command. */
export const start = (bench: Bench, target: string, lock: Lock, under: readonly string[] = []): Running =>
  bench.start(['realize', 'demo', '--target', target, '--lock', lockPath(bench, lock)], {
    under: ['setsid', ...under],
    // The runtime's own threads: system calls are counted by thread.
    env: { UV_THREADPOOL_SIZE: under.length > 0 ? '1' : '4' },
  });

/** Realizes to the end. Throws what was said when that is not exit code 0. */
export async function realize(bench: Bench, target: string, lock: Lock): Promise<void> {
  const { exitCode, stderr, stdout } = await start(bench, target, lock).ended;
  if (exitCode !== 0) throw new Error(`realize exited with ${exitCode}:\n${stderr}${stdout}`);
}

/**
 * Starts a realize and kills its process group with SIGKILL after a while. A run that was over by then did not die: answers
 * false.
 */
export async function dies({ child, ended }: Running, afterMs: number): Promise<boolean> {
  const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), afterMs);
  child.once('exit', () => clearTimeout(timer));
  await ended;
  return child.signalCode === 'SIGKILL';
}

/** Whether a process can be killed at a system call here: strace is installed, and may trace. */
export const canTrace = ((): boolean => {
  try {
    execFileSync('strace', ['-f', '-qq', '-o', '/dev/null', process.execPath, '--version']);
    return true;
  } catch {
    return false;
  }
})();

const rename = 'rename,renameat,renameat2';
const quietly = ['-f', '-qq', '-o', '/dev/null', '-e', 'signal=none', '-e', `trace=${rename}`];

/** What is put before a command so that it is killed when one of its threads is about to rename for the k-th time. */
export const cutting = (k: number): readonly string[] => [
  'strace',
  ...quietly,
  '-e',
  `inject=${rename}:signal=SIGKILL:when=${k}`,
];

/** All of a target that every clean realize of one lockfile makes the same: files, and our records of them. */
export function contentsOf(target: string): Listing {
  const records = join(target, '.pipeline');
  const known = readdirSync(records, { recursive: true, withFileTypes: true }).filter(
    // Neither which target it is, nor how its directories looked when its packages were last looked at.
    (entry) => entry.isFile() && entry.name !== 'target.json' && !entry.name.endsWith('.glance'),
  );
  const papers = known.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  return {
    ...listing(target, { except: ['.pipeline'] }),
    ...Object.fromEntries(papers.map((path) => [path.slice(target.length + 1), steady(path)])),
  };
}

/** A record without what is another in every realize: fingerprints, times. */
function steady(path: string): string {
  const text = readFileSync(path, 'utf8');
  if (path.endsWith('.files')) return text.replaceAll(/^([fx]\t\d+\t\w+)(?:\t[^\t\n]*){3}/gm, '$1');
  return text.replace(/,"at":"[^"]*","ms":\d+/, '');
}

/** What only a run that goes on should have, below a cache or a target. */
export const leftovers = ({ cache }: Bench, target: string): readonly string[] => [
  ...globSync(['**/tmp/*', 'git/incoming/*', 'demo/.making-*', 'probes/*.json.*', 'claims/*/*'], { cwd: cache }),
  ...globSync(['staging', 'trash', 'journal.json', '**/*.part'], { cwd: join(target, '.pipeline') }),
];

/** What a user put into a target, by path. Some stand where the demo wants its own, or are edits of what it placed. */
const usersFiles: Readonly<Record<string, string>> = {
  'input/mine.png': 'a picture of mine',
  'output/ComfyUI_00001_.png': 'a picture that took an hour',
  'user/default/workflows/mine.json': '{"a": "workflow"}',
  'models/palettes/mine.safetensors': 'a model of mine',
  'custom_nodes/mine/__init__.py': 'NODE_CLASS_MAPPINGS = {}',
  'custom_nodes/comfyui-demo-noise/settings.ini': 'what a node wrote beside itself',
  'custom_nodes/Demo-Palette/presets/mine.json': '{"a": "preset"}',
  // The pack's next release brings a file of this name.
  'custom_nodes/Demo-Palette/swatch.py': '# a swatch of mine',
  // Edits of placed files, one that is wanted by both lockfiles and one that changes between them.
  'custom_nodes/Demo-Palette/README.md': 'my notes on this pack',
  'custom_nodes/Demo-Palette/palette.py': '# a palette of mine',
};

/** Puts the user's files into a target. */
export function addUsersFiles(target: string): void {
  for (const [path, text] of Object.entries(usersFiles)) {
    const at = join(target, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
  }
}

/** The paths of the user's files whose bytes are nowhere in the target any more. */
export function lostFrom(target: string): readonly string[] {
  const there = new Set(
    readdirSync(target, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [hash('sha256', readFileSync(join(entry.parentPath, entry.name)))] : [],
    ),
  );
  return Object.keys(usersFiles).filter((path) => !there.has(hash('sha256', usersFiles[path]!)));
}
