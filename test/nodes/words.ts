import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

import { cloneByHand, type Done, layByHand, type NodeBench, type TestPack } from './rig.ts';

/** What the table is about: two packs, and the newest commits of their repositories as layouts name them. */
export const on: { foo: TestPack; bar: TestPack; nightly: string; barNightly: string } = {} as never;

export type Before = (bench: NodeBench) => unknown;
export interface Row {
  readonly name: string;
  readonly before: readonly Before[];
  /** The command, in words. */
  readonly run: string;
  /** What every directory holds afterwards; `=` where nothing may change. */
  readonly after: () => Readonly<Record<string, string>> | '=';
  readonly exitCode?: number;
  readonly more?: (bench: NodeBench, done: Done) => unknown;
}

const ran =
  (...words: readonly string[]): Before =>
  (bench) =>
    bench.done(...words);
export const install = (what: string, ...flags: readonly string[]): Before => ran('install', what, ...flags);
/** A release as another tool lays it out. */
export const theirs =
  (path: string, version: string, files: Readonly<Record<string, string>> = {}, tracking?: string): Before =>
  (bench) =>
    layByHand(bench, path, { ...on.foo.files(version), ...files }, tracking);
export const cloned =
  (path: string, pack: () => TestPack = () => on.foo): Before =>
  (bench) =>
    cloneByHand(bench, path, pack().repo);
export const file =
  (path: string, text = 'mine'): Before =>
  (bench) =>
    bench.write(`custom_nodes/${path}`, text);
export const moved =
  (from: string, to: string): Before =>
  (bench) => {
    mkdirSync(bench.at('custom_nodes/.disabled'), { recursive: true });
    renameSync(bench.at('custom_nodes', from), bench.at('custom_nodes', to));
  };
export const removed =
  (path: string): Before =>
  (bench) =>
    rmSync(bench.at('custom_nodes', path), { recursive: true });

export const reads = (path: string, text: string) => (bench: NodeBench) =>
  expect(bench.read(`custom_nodes/${path}`)).toBe(text);
export const isGone = (path: string) => (bench: NodeBench) =>
  expect(existsSync(bench.at('custom_nodes', path))).toBe(false);
export const says = (text: string | RegExp) => (_: NodeBench, done: Done) =>
  expect([...done.notes, JSON.stringify(done.failure ?? '')].join('\n')).toMatch(text);
export const all =
  (...checks: readonly ((bench: NodeBench, done: Done) => unknown)[]) =>
  (bench: NodeBench, done: Done) => {
    for (const check of checks) check(bench, done);
  };
/** The files kept below `.pipeline/kept`, in any depth. */
export const kept = (bench: NodeBench): readonly string[] =>
  existsSync(bench.at('.pipeline/kept'))
    ? readdirSync(bench.at('.pipeline/kept'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(bench.at('.pipeline/kept').length + 1))
        .toSorted()
    : [];
export const keeps =
  (...paths: readonly string[]) =>
  (bench: NodeBench) =>
    expect(kept(bench)).toEqual(paths);

export const F = 'ComfyUI-Foo';
export const D = '.disabled/comfyui-foo';
