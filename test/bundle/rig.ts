import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Answer, openResults, type Results, sha256Of } from '#cache';
import { type Bundles, Failed, type Failure } from '#engine';

import { openBundles } from '../../tasks/tools/bundle/bundles.ts';
import { endBytes, headerOf, paddingOf, readHeader } from '../../tasks/tools/bundle/tar.ts';
import { keepLayout, keepText, type Layout, temporary, testStore, type TestStore } from '../cache/rig.ts';

/** A cache with its tool. */
export interface Machine {
  readonly root: string;
  readonly store: TestStore;
  readonly results: Results;
  readonly bundles: Bundles;
  readonly told: (readonly [number, number | undefined])[];
}

export function machine(signal = new AbortController().signal): Machine {
  const root = temporary();
  const store = testStore(join(root, 'store'));
  const results = openResults({ directory: join(root, 'results'), warn: () => {} });
  const told: (readonly [number, number | undefined])[] = [];
  const report = { progress: (done: number, total: number | undefined) => void told.push([done, total]) };
  return { root, store, results, told, bundles: openBundles({ store, results, signal, report }) };
}

export const layout: Layout = {
  'main.py': 'print(1)\n',
  'bin/tool': ['#!/bin/sh\n'],
  'bin/alias': { to: 'tool' },
  'bin/away': { to: '/nowhere/else' },
  'lib/__init__.py': '',
  'other/__init__.py': '',
  'input/empty': {},
};

/** Answers as tasks give them: one names a tree, one a blob, one both. */
export async function fill({ store, results }: Machine, at = '2026-01-01T00:00:00.000Z'): Promise<readonly string[]> {
  const [tree, blob] = [await keepLayout(store, layout), await keepText(store, 'a model')];
  const answers: Answer[] = [
    { key: sha256Of('1'), task: 'fetch-node', input: { repo: 'r', b: 1 }, output: { source: tree }, at, ms: 5 },
    { key: sha256Of('2'), task: 'fetch-model', input: { sha256: blob }, output: { file: blob }, at, ms: 7 },
    { key: sha256Of('3'), task: 'fetch-wheel', input: null, output: { list: [{ tree, blob }] }, at, ms: 9 },
  ];
  for (const answer of answers) await results.save(answer);
  return answers.map(({ key }) => key);
}

export const documents = { 'versions/v.json': '{}\n', 'lockfiles/v.lock.json': '{"lock": 1}\n' };

export async function packed(from: Machine = machine()): Promise<string> {
  const to = join(from.root, 'v.pack.tar');
  await from.bundles.write({ to, version: 'v', documents, keys: await fill(from) });
  return to;
}

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await work.then(
    () => new Error('It was to fail, and did not'),
    (error: unknown) => error,
  );
  if (thrown instanceof Failed) return thrown.failure;
  throw thrown;
}

/** Whether a cache holds nothing at all: no object, no answer. */
export const isEmpty = ({ root }: Machine): boolean =>
  ['store/blobs', 'store/trees', 'results'].every((part) => !existsSync(join(root, part)));

export type Member = readonly [name: string, bytes: string | Buffer];

export const membersOf = (file: string): Member[] => {
  const bytes = readFileSync(file);
  const members: Member[] = [];
  for (let at = 0; at < bytes.length - endBytes;) {
    const { name, size } = readHeader(bytes.subarray(at, at + 512))!;
    members.push([name, bytes.subarray(at + 512, at + 512 + size)]);
    at += 512 + size + paddingOf(size);
  }
  return members;
};

/** A tar of these members, sorted, each with a header that is as it should be. */
export const tarOf = (members: readonly Member[]): Buffer =>
  Buffer.concat([
    ...members
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, content]) => {
        const bytes = Buffer.from(content);
        return [headerOf(name, bytes.length), bytes, Buffer.alloc(paddingOf(bytes.length))];
      }),
    Buffer.alloc(endBytes),
  ]);
