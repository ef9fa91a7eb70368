import { hash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

import { inMemory } from '../site/rig.ts';
import { small } from './small.ts';

const on = small();

const path = 'vae/own.safetensors';
const body = Buffer.alloc(60_000, 'a model of mine');
const sha256 = hash('sha256', body);
const library = (...names: readonly string[]): string => on.bench.at('library', ...names);
const stored = (): string => join(on.bench.cache, 'store/blobs', sha256.slice(0, 2), sha256);
const toLibrary = (): readonly string[] => ['--models-dir', library()];

/** Locks one model. Answers how often servers were asked since. */
function lockModel(): () => number {
  on.relock({ models: [on.world.model(path, body)] });
  const before = on.world.asked();
  return () => on.world.asked() - before;
}

/** Puts a file somewhere by hand, long ago. */
function put(file: string, content: Buffer): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  utimesSync(file, 1_000_000_000, 1_000_000_000);
  return file;
}

/** Whether two names are of the same bytes on the disk, as far as a volume without shared blocks can tell. */
const sharesDisk = (one: string, other: string): boolean => statSync(one).ino === statSync(other).ino;

it.each([[[]], [['--offline']]])(
  'a model that stands in MODELS_DIR is taken, never fetched, and stays (%j)',
  async (more) => {
    const asked = lockModel();
    const file = put(library(path), body);
    const before = lstatSync(file);
    const { summary, built } = await on.realize([...toLibrary(), ...more]);
    expect(built).toContain(`fetch-model ${path}`);
    expect([summary.bytes_fetched, asked()]).toEqual([0, 0]);
    expect(lstatSync(file)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs, mode: before.mode });
    expect(readFileSync(join(on.bench.target, 'models', path)).equals(body)).toBe(true);
    expect(lstatSync(join(on.bench.target, 'models', path)).isSymbolicLink()).toBe(true);
    expect((await on.realize([...toLibrary(), ...more])).built).toEqual([]);
  },
);

it('where blocks cannot be shared the store has another name of the file: one copy on the disk', async ({ skip }) => {
  lockModel();
  const file = put(library(path), body);
  await on.realize(toLibrary());
  skip(!sharesDisk(file, stored()) && statSync(file).nlink === 1, 'this volume shares blocks instead');
  expect(sharesDisk(file, stored())).toBe(true);
  expect(statSync(file).nlink).toBe(2);
});

/** A directory on another volume than the cache. */
function elsewhere(skip: (condition: boolean, note: string) => void): string {
  skip(statSync(inMemory).dev === statSync(on.bench.cache).dev, 'there is one volume here');
  const directory = mkdtempSync(join(inMemory, 'models-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

it('a model on another volume is taken all the same: its bytes are copied, and never fetched', async ({ skip }) => {
  const asked = lockModel();
  const directory = elsewhere(skip);
  const file = put(join(directory, path), body);
  const { summary } = await on.realize(['--models-dir', directory]);
  expect([summary.bytes_fetched, asked()]).toEqual([0, 0]);
  expect(readFileSync(stored()).equals(body)).toBe(true);
  expect(lstatSync(file)).toMatchObject({ nlink: 1, size: body.length });
  expect((await on.realize(['--models-dir', directory])).built).toEqual([]);
});

it('one that would have to be copied needs room, and nothing of it is read before that is known', async ({ skip }) => {
  const directory = elsewhere(skip);
  const { bavail, bsize } = statfsSync(on.bench.cache);
  const size = 2 * bavail * bsize;
  const file = put(join(directory, path), Buffer.alloc(0));
  truncateSync(file, size);
  on.relock({ models: [{ ...on.world.model(path, body), size }] });
  const { exitCode, stdout } = await on.bench.realize('small', ['--models-dir', directory]);
  expect(exitCode).toBe(6);
  expect(stdout).toMatch(/[\d.]+ [GT]B are to be fetched, and [\d.]+ [GT]B are free there/);
});

it('who edits such a file afterwards changes no version: the locked bytes are fetched again', async () => {
  lockModel();
  const file = put(library(path), body);
  await on.realize(toLibrary());
  writeFileSync(file, Buffer.alloc(60_000, 'trained on'));
  rmSync(join(on.bench.target, 'models', path));
  await on.realize(toLibrary());
  expect(readFileSync(join(on.bench.target, 'models', path)).equals(body)).toBe(true);
  expect(readFileSync(file).equals(Buffer.alloc(60_000, 'trained on'))).toBe(true);
});

it('a link of the user to a model elsewhere is followed', async () => {
  const asked = lockModel();
  const file = put(on.bench.at('elsewhere/own.safetensors'), body);
  mkdirSync(dirname(library(path)), { recursive: true });
  symlinkSync(file, library(path));
  await on.realize(toLibrary());
  expect(asked()).toBe(0);
  expect(lstatSync(library(path)).isSymbolicLink()).toBe(true);
});

it('a model of a hand-made installation is taken, and its place is where the link goes', async () => {
  const asked = lockModel();
  put(join(on.bench.target, 'models', path), body);
  await on.realize();
  expect(asked()).toBe(0);
  expect(readFileSync(join(on.bench.target, 'models', path)).equals(body)).toBe(true);
  const kept = readdirSync(join(on.bench.target, 'models/vae')).filter((name) => name.includes('.user-'));
  for (const name of kept) expect(readFileSync(join(on.bench.target, 'models/vae', name)).equals(body)).toBe(true);
});

it('models behind the link of a target are in their place already', async () => {
  const asked = lockModel();
  const file = put(library(path), body);
  mkdirSync(on.bench.target);
  symlinkSync(library(), join(on.bench.target, 'models'));
  await on.realize(toLibrary());
  expect(asked()).toBe(0);
  expect(lstatSync(file).isFile()).toBe(true);
  expect((await on.realize(toLibrary())).built).toEqual([]);
});

it.each([
  ['of the same size', Buffer.alloc(60_000, 'something else')],
  ['of another size', Buffer.alloc(10, 'x')],
])('another file %s stays, that is said, and the model is fetched', async (_, other) => {
  const asked = lockModel();
  const file = put(library(path), other);
  const { notes, summary } = await on.realize(toLibrary());
  expect(summary.bytes_fetched).toBe(body.length);
  expect(asked()).toBe(1);
  expect(readFileSync(file).equals(other)).toBe(true);
  expect(notes.join('\n')).toContain(path);
  expect(readFileSync(join(on.bench.target, 'models', path)).equals(body)).toBe(true);
});

it('a file that was read once is not read again until it changes', async () => {
  lockModel();
  put(library(path), Buffer.alloc(60_000, 'something else'));
  const offline = [...toLibrary(), '--offline'];
  expect((await on.bench.realize('small', offline)).exitCode).toBe(5);
  const hashes = (): readonly string[] =>
    readdirSync(join(on.bench.cache, 'hashes')).filter((name) => name.endsWith('.json'));
  const [name] = hashes();
  const note = join(on.bench.cache, 'hashes', name!);
  const known = JSON.parse(readFileSync(note, 'utf8')) as Record<string, unknown>;
  // A note that lies shows that it is believed.
  writeFileSync(note, JSON.stringify({ ...known, sha256 }));
  const believed = await on.bench.realize('small', offline);
  expect(believed.outcomes[`fetch-model ${path}`]).toBe('built');
  expect(existsSync(stored())).toBe(true);
  expect(hashes()).toHaveLength(1);
});
