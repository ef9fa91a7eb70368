import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Answer, blobOf, openResults, renderManifest, type Results, sha256Of, type Tree } from '#cache';
import { type Bundles, Failed, type Failure } from '#engine';
import { describe, expect, test } from 'vitest';

import { openBundles } from '../../tasks/tools/bundle/bundles.ts';
import { endBytes, headerOf, paddingOf, readHeader } from '../../tasks/tools/bundle/tar.ts';
import { keepLayout, keepText, type Layout, temporary, testStore, type TestStore } from '../cache/rig.ts';

/** A cache with its tool. */
interface Machine {
  readonly root: string;
  readonly store: TestStore;
  readonly results: Results;
  readonly bundles: Bundles;
  readonly told: (readonly [number, number | undefined])[];
}

function machine(signal = new AbortController().signal): Machine {
  const root = temporary();
  const store = testStore(join(root, 'store'));
  const results = openResults({ directory: join(root, 'results'), warn: () => {} });
  const told: (readonly [number, number | undefined])[] = [];
  const report = { progress: (done: number, total: number | undefined) => void told.push([done, total]) };
  return { root, store, results, told, bundles: openBundles({ store, results, signal, report }) };
}

const layout: Layout = {
  'main.py': 'print(1)\n',
  'bin/tool': ['#!/bin/sh\n'],
  'bin/alias': { to: 'tool' },
  'bin/away': { to: '/nowhere/else' },
  'lib/__init__.py': '',
  'other/__init__.py': '',
  'input/empty': {},
};

/** Answers as tasks give them: one names a tree, one a blob, one both. */
async function fill({ store, results }: Machine, at = '2026-01-01T00:00:00.000Z'): Promise<readonly string[]> {
  const [tree, blob] = [await keepLayout(store, layout), await keepText(store, 'a model')];
  const answers: Answer[] = [
    { key: sha256Of('1'), task: 'fetch-node', input: { repo: 'r', b: 1 }, output: { source: tree }, at, ms: 5 },
    { key: sha256Of('2'), task: 'fetch-model', input: { sha256: blob }, output: { file: blob }, at, ms: 7 },
    { key: sha256Of('3'), task: 'fetch-wheel', input: null, output: { list: [{ tree, blob }] }, at, ms: 9 },
  ];
  for (const answer of answers) await results.save(answer);
  return answers.map(({ key }) => key);
}

const documents = { 'versions/v.json': '{}\n', 'lockfiles/v.lock.json': '{"lock": 1}\n' };

async function packed(from: Machine = machine()): Promise<string> {
  const to = join(from.root, 'v.pack.tar');
  await from.bundles.write({ to, version: 'v', documents, keys: await fill(from) });
  return to;
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await work.then(
    () => new Error('It was to fail, and did not'),
    (error: unknown) => error,
  );
  if (thrown instanceof Failed) return thrown.failure;
  throw thrown;
}

/** Whether a cache holds nothing at all: no object, no answer. */
const isEmpty = ({ root }: Machine): boolean =>
  ['store/blobs', 'store/trees', 'results'].every((part) => !existsSync(join(root, part)));

test('what one machine packs another unpacks, to the last mode and link', async () => {
  const [here, there] = [machine(), machine()];
  const file = await packed(here);
  const read = await there.bundles.read(file);
  expect(read).toMatchObject({ version: 'v', documents, answers: 3, objects: 2 });
  const [tree, blob] = [await keepLayout(here.store, layout), await keepText(here.store, 'a model')];
  for (const digest of [tree, blob]) expect(await there.store.proves(digest, { rehash: true })).toBe(true);
  expect(readFileSync(join(there.store.pathOf(tree), 'bin/alias'), 'utf8')).toBe('#!/bin/sh\n');
  expect(statSync(join(there.store.pathOf(tree), 'bin/tool')).mode & 0o777).toBe(0o755);
  expect(await there.results.lookup(sha256Of('3'))).toMatchObject({
    task: 'fetch-wheel',
    input: null,
    output: { list: [{ tree, blob }] },
  });
  expect(there.told.at(-1)).toEqual([read.bytes, read.bytes]);
  expect(readdirSync(join(there.root, 'store/tmp'))).toEqual([]);
});

test('the same content gives the same bytes, whenever and wherever it was made', async () => {
  const [here, there] = [machine(), machine()];
  const first = readFileSync(await packed(here));
  const keys = (await fill(there, '2030-05-05T05:05:05.000Z')).toReversed();
  const to = join(there.root, 'other.tar');
  const written = await there.bundles.write({ to, version: 'v', documents, keys: [...keys, ...keys] });
  expect(readFileSync(to).equals(first)).toBe(true);
  expect(written).toEqual({ bytes: first.length, files: 4 });
});

test('tar lays a bundle out as files that are named by their hashes', async () => {
  const [file, into] = [await packed(), temporary()];
  execFileSync('tar', ['-xf', file, '-C', into]);
  const files = readdirSync(join(into, 'files'));
  expect(files).toEqual(['a model', 'print(1)\n', '#!/bin/sh\n', ''].map((text) => hash('sha256', text)).toSorted());
  for (const name of files) expect(hash('sha256', readFileSync(join(into, 'files', name)))).toBe(name);
  expect(readFileSync(join(into, 'documents/versions/v.json'), 'utf8')).toBe('{}\n');
});

test('what is there already is not written again', async () => {
  const there = machine();
  await fill(there);
  expect(await there.bundles.read(await packed())).toMatchObject({ objects: 0, bytes: 0 });
});

test('a bundle replaces no file, and one that is not finished is not there', async () => {
  const here = machine();
  const to = await packed(here);
  const keys = await fill(here);
  const what = { to, version: 'v', documents, keys };
  expect(await failureOf(here.bundles.write(what))).toMatchObject({ kind: 'refused', because: 'it is there already' });
  const next = { ...what, to: join(here.root, 'next.tar') };
  expect(await failureOf(here.bundles.write({ ...next, keys: [sha256Of('unknown')] }))).toMatchObject({
    kind: 'absent',
  });
  const stopped = machine(AbortSignal.abort());
  const cancelled = { ...next, to: join(stopped.root, 'next.tar'), keys: await fill(stopped) };
  expect(await failureOf(stopped.bundles.write(cancelled))).toEqual({ kind: 'cancelled' });
  expect(await failureOf(machine(AbortSignal.abort()).bundles.read(to))).toEqual({ kind: 'cancelled' });
  expect([here, stopped].flatMap(({ root }) => readdirSync(root).filter((name) => name.includes('next')))).toEqual([]);
});

test('damage in the store does not get into a bundle', async () => {
  const here = machine();
  const keys = await fill(here);
  writeFileSync(here.store.pathOf(blobOf(sha256Of('a model'))), 'a nodel');
  const to = join(here.root, 'v.tar');
  expect(await failureOf(here.bundles.write({ to, version: 'v', documents, keys }))).toMatchObject({ kind: 'absent' });
  expect(existsSync(to)).toBe(false);
});

type Member = readonly [name: string, bytes: string | Buffer];

const membersOf = (file: string): Member[] => {
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
const tarOf = (members: readonly Member[]): Buffer =>
  Buffer.concat([
    ...members
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, content]) => {
        const bytes = Buffer.from(content);
        return [headerOf(name, bytes.length), bytes, Buffer.alloc(paddingOf(bytes.length))];
      }),
    Buffer.alloc(endBytes),
  ]);

const without = (members: readonly Member[], name: string): Member[] => members.filter(([each]) => each !== name);
const replaced = (members: readonly Member[], name: string, content: string | Buffer): Member[] => [
  ...without(members, name),
  [name, content],
];
const named = (members: readonly Member[], start: string): string =>
  members.find(([name]) => name.startsWith(start))![0];

/** A bundle around one tree whose manifest is this text. */
const around = (manifest: string, files: readonly string[] = []): Buffer => {
  const key = sha256Of('k');
  const tree = `tree:${sha256Of(manifest)}` as Tree;
  return tarOf([
    ['bundle.json', '{"format":1,"version":"v"}'],
    [`answers/${key}.json`, JSON.stringify({ key, task: 't', input: {}, output: { tree } })],
    [`trees/${sha256Of(manifest)}`, manifest],
    ...files.map((text): Member => [`files/${sha256Of(text)}`, text]),
  ]);
};
const fileEntry = (path: string, text = 'x') =>
  ({ type: 'file', path, mode: 0o644, size: Buffer.byteLength(text), sha256: sha256Of(text) }) as const;

describe('a hostile bundle is refused, and leaves nothing behind', () => {
  const cases: Readonly<Record<string, (file: string, members: readonly Member[]) => Buffer>> = {
    'a file that is not what its name says': (_, members) =>
      changed(members, named(members, 'files/'), (bytes) => flipped(bytes)),
    'a file of another size': (_, members) => tarOf(replaced(members, `files/${sha256Of('a model')}`, 'a model!')),
    'a manifest that is not what its name says': (_, members) =>
      changed(members, named(members, 'trees/'), (bytes) => Buffer.concat([bytes, bytes])),
    'an answer to another question': (_, members) =>
      changed(members, named(members, 'answers/'), (bytes) =>
        Buffer.from(bytes.toString().replace(/"key":"./, '"key":"0')),
      ),
    'an answer that names what is not in it': (_, members) => tarOf(without(members, `files/${sha256Of('a model')}`)),
    'no manifest of a tree': (_, members) => tarOf(without(members, named(members, 'trees/'))),
    'a file that nothing names': (_, members) => tarOf([...members, [`files/${sha256Of('stowaway')}`, 'stowaway']]),
    'a member that has no place in it': (_, members) => tarOf([...members, ['../../etc/passwd', 'root']]),
    'an absolute path': (_, members) => tarOf([...members, ['/etc/passwd', 'root']]),
    'a member that is twice in it': (_, members) => tarOf([...members, members[0]!]),
    'members out of order': (file) => swapped(readFileSync(file)),
    'no card': (_, members) => tarOf(without(members, 'bundle.json')),
    'a format of tomorrow': (_, members) => tarOf(replaced(members, 'bundle.json', '{"format":2,"version":"v"}')),
    'a card that is no JSON': (_, members) => tarOf(replaced(members, 'bundle.json', '{')),
    'a card with more to say': (_, members) =>
      tarOf(replaced(members, 'bundle.json', '{"format":1,"version":"v","run":"x"}')),
    'a card with __proto__': (_, members) =>
      tarOf(replaced(members, 'bundle.json', '{"format":1,"version":"v","__proto__":{}}')),
    'an early end': (file) => readFileSync(file).subarray(0, -endBytes - 512),
    'half of it': (file) => readFileSync(file).subarray(0, statSync(file).size / 2),
    'more after its end': (file) => Buffer.concat([readFileSync(file), Buffer.alloc(512, 'x')]),
    nothing: () => Buffer.alloc(0),
    'a page': () => Buffer.from('<!DOCTYPE html><title>Sign in</title>'),
    'a path that leads out': () => around('["file","../out",420,1,"' + sha256Of('x') + '"]\n', ['x']),
    'an absolute path in a tree': () => around('["file","/tmp/out",420,1,"' + sha256Of('x') + '"]\n', ['x']),
    'a file below a link': () =>
      around(renderManifest([{ type: 'link', path: 'a', to: '/tmp' }, fileEntry('a/out')]), ['x']),
    'a link below a link': () =>
      around(
        renderManifest([
          { type: 'link', path: 'a', to: '/tmp' },
          { type: 'link', path: 'a/b', to: 'c' },
        ]),
      ),
    'a directory below a file': () =>
      around(renderManifest([fileEntry('a'), { type: 'directory', path: 'a/b' }]), ['x']),
    'a name with NUL': () => around(renderManifest([fileEntry('a\0b')]), ['x']),
    'a name that no disk holds': () => around(renderManifest([fileEntry('n'.repeat(300))]), ['x']),
    'a manifest out of order': () =>
      around(
        renderManifest([fileEntry('b'), fileEntry('a')])
          .split('\n')
          .toReversed()
          .join('\n')
          .trim() + '\n',
        ['x'],
      ),
    'a mode with setuid': () => around('["file","a",2541,1,"' + sha256Of('x') + '"]\n', ['x']),
  };
  const changed = (members: readonly Member[], name: string, change: (bytes: Buffer) => Buffer): Buffer =>
    tarOf(replaced(members, name, change(Buffer.from(members.find(([each]) => each === name)![1]))));
  const flipped = (bytes: Buffer): Buffer =>
    bytes.length === 0 ? Buffer.from('x') : Buffer.from(bytes.map((byte) => byte ^ 1));
  const swapped = (bytes: Buffer): Buffer => {
    const { size } = readHeader(bytes.subarray(0, 512))!;
    const first = 512 + size + paddingOf(size);
    return Buffer.concat([bytes.subarray(first, -endBytes), bytes.subarray(0, first), Buffer.alloc(endBytes)]);
  };

  test.each(Object.keys(cases))('%s', async (name) => {
    const file = await packed();
    const [there, bad] = [machine(), join(temporary(), 'bad.tar')];
    writeFileSync(bad, cases[name]!(file, membersOf(file)));
    expect(await failureOf(there.bundles.read(bad))).toMatchObject({ kind: 'refused' });
    expect(isEmpty(there)).toBe(true);
  });

  test.each([
    ['a link', ['-cf'], (directory: string) => symlinkSync('/etc/passwd', join(directory, 'files'))],
    [
      'a hard link',
      ['-cf'],
      (directory: string) => execFileSync('ln', [join(directory, 'bundle.json'), join(directory, 'files')]),
    ],
    ['a directory', ['-cf'], (directory: string) => mkdirSync(join(directory, 'files'))],
    ['a device', ['-cf'], (directory: string) => execFileSync('mkfifo', [join(directory, 'files')])],
    ['what tar itself writes', ['-cf'], () => {}],
    ['a compressed one', ['-czf'], () => {}],
  ])('%s', async (_, flags, add) => {
    const [directory, there, bad] = [temporary(), machine(), join(temporary(), 'bad.tar')];
    writeFileSync(join(directory, 'bundle.json'), '{"format":1,"version":"v"}');
    add(directory);
    execFileSync('tar', [...flags, bad, '-C', directory, ...readdirSync(directory)]);
    expect(await failureOf(there.bundles.read(bad))).toMatchObject({ kind: 'refused' });
    expect(isEmpty(there)).toBe(true);
  });
});

test('reading a bundle that is not there says so', async () => {
  expect(await failureOf(machine().bundles.read('/nowhere/v.tar'))).toEqual({ kind: 'absent', what: '/nowhere/v.tar' });
});
