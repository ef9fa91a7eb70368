import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Service } from '../rig/workflow.ts';
import { type Bench, checkout } from './rig.ts';

/** The caches of a CI: archives by their keys, which jobs on any machine may ask for. */
export interface Caches {
  /** The keys there are, oldest first. */
  readonly keys: readonly string[];
  /** Fills a directory from the cache of that key, else from the newest whose key begins with one of `others`. Answers the key that it took. */
  restore(path: string, key: string, others?: readonly string[]): string | undefined;
  save(path: string, key: string): void;
}

const tar = (...argv: readonly string[]): void => void execFileSync('tar', argv);

/** Opens caches in a directory. */
export function openCaches(directory: string): Caches {
  mkdirSync(directory, { recursive: true });
  const keys: string[] = [];
  const fileOf = (key: string): string => join(directory, `${keys.indexOf(key)}.tar`);
  return {
    keys,
    restore(path, key, others = []) {
      const found = keys.includes(key)
        ? key
        : others.flatMap((start) => keys.findLast((one) => one.startsWith(start)) ?? [])[0];
      if (found === undefined) return undefined;
      mkdirSync(path, { recursive: true });
      tar('xf', fileOf(found), '-C', path);
      return found;
    },
    save(path, key) {
      if (!keys.includes(key)) keys.push(key);
      tar('cf', fileOf(key), '-C', path, '.');
    },
  };
}

const only = (given: Readonly<Record<string, string>>, ...names: readonly string[]): void => {
  const strange = Object.keys(given).filter((name) => !names.includes(name));
  if (strange.length > 0) throw new Error(`No such input: ${strange.join(', ')}`);
};

/** The actions of GitHub that recipes use, as far as they matter to them. */
export const githubActions = (caches: Caches): Readonly<Record<string, Service>> => ({
  'actions/checkout': (given) => (only(given), {}),
  'actions/setup-node': (given) => (only(given, 'node-version'), {}),
  'actions/setup-python': (given) => (only(given, 'python-version'), {}),
  'actions/cache/restore'(given) {
    only(given, 'path', 'key', 'restore-keys');
    const key = given['key']!;
    const others = (given['restore-keys'] ?? '').split('\n').filter(Boolean);
    const found = caches.restore(given['path']!, key, others);
    return {
      'cache-primary-key': key,
      'cache-matched-key': found ?? '',
      'cache-hit': found === undefined ? '' : String(found === key),
    };
  },
  'actions/cache/save'(given) {
    only(given, 'path', 'key');
    // There a cache never changes: who saves a key twice does work for nothing.
    if (caches.keys.includes(given['key']!)) throw new Error(`There is a cache ${given['key']} already`);
    caches.save(given['path']!, given['key']!);
    return {};
  },
});

/** Makes the project of a bench one that `npm ci` installs pipeline in, without network: what it installs is this checkout. */
export function addPackage({ project }: Pick<Bench, 'project'>): void {
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), content, { mode: 0o755 });
  };
  const launch = join(checkout, 'pipelines/cli/launch.cjs');
  const pipeline = { name: 'comfy-pipeline', version: '1.0.0', type: 'module', bin: { pipeline: 'launch.js' } };
  const dependencies = { 'comfy-pipeline': 'file:vendor/comfy-pipeline' };
  const mine = { name: 'mine', version: '1.0.0', dependencies };
  write('vendor/comfy-pipeline/package.json', JSON.stringify(pipeline));
  write('vendor/comfy-pipeline/launch.js', `#!/usr/bin/env node\nawait import(${JSON.stringify(launch)});\n`);
  write('package.json', JSON.stringify({ ...mine, private: true }));
  const packages = {
    '': mine,
    'node_modules/comfy-pipeline': { resolved: 'vendor/comfy-pipeline', link: true },
    'vendor/comfy-pipeline': { ...pipeline, type: undefined, name: 'comfy-pipeline' },
  };
  write(
    'package-lock.json',
    JSON.stringify({ name: 'mine', version: '1.0.0', lockfileVersion: 3, requires: true, packages }),
  );
}

/** Copies a file of `examples/` into the project of a bench. */
export function addExample({ project }: Pick<Bench, 'project'>, from: string, to: string): void {
  const path = join(project, to);
  mkdirSync(dirname(path), { recursive: true });
  cpSync(join(checkout, 'examples', from), path);
}
