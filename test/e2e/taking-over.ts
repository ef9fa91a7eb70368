import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { git as plainGit } from '../rig/git-server.ts';
import { writeWheel } from '../rig/wheels.ts';
import type { Bench } from './rig.ts';

/** A repository, and the commit a checkout of it is at. */
export interface Source {
  readonly repo: string;
  readonly commit: string;
}

/** Runs git in a directory. */
export const git = async (cwd: string, ...args: readonly string[]): Promise<string> => plainGit(args, { cwd });

/** Clones into a directory that need not exist, at one commit of a branch `main`. */
export async function clone({ repo, commit }: Source, to: string, ...how: readonly string[]): Promise<void> {
  mkdirSync(dirname(to), { recursive: true });
  await git(dirname(to), 'clone', '--quiet', ...how, repo, to);
  await git(to, 'checkout', '--quiet', '-B', 'main', commit);
}

/** Writes files by hand. */
export function put(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

/** Makes a link, and the directory it is in. */
export function link(to: string, at: string): void {
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(to, at);
}

/** A real environment in `.venv`, into which pip installed one package, `oldpkg`, from a wheel: without an index. */
export async function makeVenv(bench: Bench, target: string, ...how: readonly string[]): Promise<void> {
  const wheels = bench.at('old-wheels');
  mkdirSync(wheels, { recursive: true });
  const { path } = writeWheel(wheels, { name: 'oldpkg', files: { 'oldpkg/__init__.py': 'OLD = 1\n' } });
  const venv = join(target, '.venv');
  const env = { ...process.env, PIP_CONFIG_FILE: '/dev/null' };
  const run = async (...args: readonly string[]) => promisify(execFile)('python3', args, { env });
  await run('-m', 'venv', '--without-pip', ...how, venv);
  const install = ['install', '--no-index', '--no-deps', '--no-cache-dir', '--disable-pip-version-check', path];
  await run('-m', 'pip', '--python', join(venv, 'bin/python'), ...install);
}

/** What conda makes of a directory, as far as anybody here looks: a prefix with a Python of its own. */
export const makeConda = (target: string): void =>
  put(target, {
    '.venv/bin/python3': '#!/bin/sh\n# a whole interpreter\n',
    '.venv/conda-meta/history': '==> 2025-09-22 <==\n',
    '.venv/lib/python3.11/site-packages/oldpkg/__init__.py': 'OLD = 1\n',
    '.venv/lib/python3.11/site-packages/oldpkg-1.0.dist-info/METADATA': 'Name: oldpkg\nVersion: 1.0\n',
  });

/** What people make with a ComfyUI of whatever tool. */
const work: Readonly<Record<string, string>> = {
  'output/ComfyUI_00001_.png': 'a picture that took an hour',
  'input/mine.png': 'a picture of mine',
  'user/default/workflows/mine.json': '{"a": "workflow"}',
  'notes.txt': 'notes of mine',
};

/** The cache of generation 2, where every version had its clones: below ours, for it is the same directory. */
const formerCache = ({ cache }: Bench): string => join(cache, 'custom_nodes');

/** A clone in that cache, and its name there. */
async function formerClone(bench: Bench, name: string, source: Source): Promise<string> {
  const at = join(formerCache(bench), `${name}@${source.commit}`);
  await clone(source, at);
  return at;
}

/** What a fixture is made of: core and nodes at commits of their own. */
export interface Parts {
  readonly core: Source;
  /** Linked or cloned, by their names in `custom_nodes`. */
  readonly nodes: Readonly<Record<string, Source>>;
}

/** A target as generation 2 leaves it: a shared clone, links for nodes, models and a venv that pip filled. */
export async function makeGeneration2(bench: Bench, target: string, { core, nodes }: Parts): Promise<void> {
  const mirror = join(bench.cache, 'comfy/core');
  await clone(core, mirror);
  await clone({ ...core, repo: mirror }, target, '--shared');
  for (const [name, source] of Object.entries(nodes))
    link(await formerClone(bench, name, source), join(target, 'custom_nodes', name));
  const models = bench.at('volume/models');
  put(models, { 'loras/small.safetensors': Buffer.alloc(50_000, 'small').toString() });
  link(join(models, 'loras/small.safetensors'), join(target, 'models/loras/small.safetensors'));
  await makeVenv(bench, target, '--copies');
  put(target, {
    ...work,
    '.runpod_prepared.json': '{"version_id": "small"}',
    'extra_model_paths.yaml': `comfyui:\n  base_path: ${models}\n`,
  });
}

/** A target as generation 1 documents it: ComfyUI one directory down, the environment and models beside it. */
export async function makeGeneration1(bench: Bench, target: string, { core, nodes }: Parts): Promise<void> {
  const home = join(target, 'ComfyUI');
  await clone(core, home);
  for (const [name, source] of Object.entries(nodes)) await clone(source, join(home, 'custom_nodes', name));
  await makeVenv(bench, target);
  put(home, work);
  put(target, {
    'models/loras/small.safetensors': Buffer.alloc(50_000, 'small').toString(),
    '.comfy_env': 'lock=/workspace/lockfiles/comfy-small.lock.json\n',
    '.requirements.lock.txt': 'oldpkg==1.0\n',
  });
}

/** ComfyUI as its README installs it, with nodes cloned by hand. */
export async function makePlain(bench: Bench, target: string, { core, nodes }: Parts): Promise<void> {
  await clone(core, target);
  for (const [name, source] of Object.entries(nodes)) await clone(source, join(target, 'custom_nodes', name));
  await makeVenv(bench, target);
  put(target, work);
}

/** The bytes of every file below a directory, those of git's own left out: what must not be lost. */
export const bytesIn = (directory: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      return entry.isFile() && !path.includes('/.git/') ? [[hash('sha256', readFileSync(path)), path]] : [];
    }),
  );

/** The files of a directory as it was, whose bytes are nowhere in it any more. */
export function lostFrom(before: ReadonlyMap<string, string>, directory: string): readonly string[] {
  const now = bytesIn(directory);
  return [...before].flatMap(([sha256, path]) => (now.has(sha256) ? [] : [path]));
}
