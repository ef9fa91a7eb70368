import { appendFileSync, existsSync, linkSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Answer,
  blobOf,
  type Digest,
  hexOf,
  leftoversIn,
  listAnswers,
  type LiveWork,
  liveWork,
  measure,
  openClaims,
  openResults,
  openTemps,
  proveAll,
  sha256Of,
  takeInventory,
  takeObject,
  volumeNow,
  wordsOf,
} from '#cache';
import { expect, test } from 'vitest';

import { keepLayout, keepText, lay, listing, startChild, temporary, type TestStore, testStore } from './rig.ts';

const answer = (key: string, input: unknown, output: unknown): Answer => ({
  key: sha256Of(key),
  task: 'make',
  input,
  output,
  at: '2026-11-21T00:00:00.000Z',
  ms: 1,
});
const blob = (name: string) => blobOf(sha256Of(name));

/** Everything in a store that may go at once, by digest. */
const stored = (store: TestStore, digest: Digest) =>
  takeInventory(store.root).objects.find((object) => object.digest === digest)!;

const take = async (store: TestStore, digest: Digest, before = Infinity) =>
  takeObject(stored(store, digest), before, openTemps(join(store.root, 'tmp')));

test('to prove an object is to use it, unless it is only looked at', async () => {
  const store = testStore();
  const digest = await keepText(store, 'text');
  const came = stored(store, digest).usedAt;
  while (volumeNow(store.root) <= came);
  await store.proves(digest, { isUse: false });
  await store.proves(digest, { rehash: true, isUse: false });
  expect(stored(store, digest).usedAt).toBe(came);
  await store.proves(digest);
  expect(stored(store, digest).usedAt).toBeGreaterThan(came);
});

test('an object that was used since is left; one that was not goes whole, and is a miss', async () => {
  const store = testStore();
  const tree = await keepLayout(store, { 'a/b': 'text', 'a/c': 'more' });
  expect(await take(store, tree, stored(store, tree).usedAt)).toBe(false);
  expect(await store.proves(tree)).toBe(true);
  const later = stored(store, tree);
  expect(await takeObject(later, Infinity, openTemps(join(store.root, 'tmp')))).toBe(true);
  expect(await takeObject(later, Infinity, openTemps(join(store.root, 'tmp')))).toBe(false);
  expect(await store.proves(tree)).toBe(false);
  expect(listing(join(store.root, 'trees')).filter((path) => path.includes('/'))).toEqual([]);
  expect([listing(join(store.root, 'tmp')), store.warnings]).toEqual([[], []]);
  // It can be made again.
  expect(await keepLayout(store, { 'a/b': 'text', 'a/c': 'more' })).toBe(tree);
  expect(await store.proves(tree)).toBe(true);
});

test('collectors killed at any moment: what is needed stays true, the next one finishes, and then there is nothing to do', async ({
  annotate,
}) => {
  const store = testStore();
  const seed = 20_261_121;
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const needed: Digest[] = [];
  let kills = 0;
  for (let round = 0; round < 6; round += 1) {
    for (let n = 0; n < 12; n += 1) {
      const files = Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [`${index % 3}/${index}`, `${round} ${n}`]),
      );
      const tree = await keepLayout(store, files);
      if (n % 4 === 0) needed.push(tree);
    }
    const child = startChild('collector.ts', { root: store.root, needed: needed.map(hexOf), rounds: 1 });
    await child.next();
    child.process.stdin!.write('go\n');
    for (let line = random(8); line > 0; line -= 1) await child.next();
    kills += child.process.kill('SIGKILL') ? 1 : 0;
    await child.ended;
    for (const digest of needed) expect([digest, await store.proves(digest, { rehash: true })]).toEqual([digest, true]);
    for (const { digest } of takeInventory(store.root).objects)
      expect([digest, await store.proves(digest)]).toEqual([digest, true]);
  }
  const collect = async (): Promise<string[]> => {
    const child = startChild('collector.ts', { root: store.root, needed: needed.map(hexOf), rounds: 1 });
    await child.next();
    child.process.stdin!.write('go\n');
    const gone: string[] = [];
    for (let line = await child.next(); line !== 'done'; line = await child.next()) gone.push(line!);
    await child.ended;
    return gone;
  };
  await collect();
  expect(await collect()).toEqual([]);
  expect(takeInventory(store.root).objects.map(({ digest }) => digest)).toEqual(needed.toSorted());
  await (await testStore(store.root).scratch())[Symbol.asyncDispose]();
  expect([listing(join(store.root, 'tmp')), store.warnings]).toEqual([[], []]);
  await annotate(`seed ${seed}: ${kills} kills, ${needed.length} needed, 0 lost`);
});

test('a collector that runs beside publishers takes nothing that they say they have published since it began', async () => {
  const store = testStore();
  await keepText(store, 'first');
  const collector = startChild('collector.ts', { root: store.root, needed: [], rounds: 1 });
  await collector.next();
  const mine = await keepText(store, 'mine');
  const now = volumeNow(store.root);
  expect(await take(store, mine, stored(store, mine).usedAt)).toBe(false);
  expect(now).toBeGreaterThanOrEqual(stored(store, mine).usedAt);
  collector.process.stdin!.write('go\n');
  for (let line = await collector.next(); line !== 'done'; line = await collector.next());
  await collector.ended;
  // Whoever lost the race makes it again.
  expect(await keepText(store, 'mine')).toBe(mine);
  expect(await store.proves(mine)).toBe(true);
});

test('an inventory lists objects with their times, and what outlived its object', async () => {
  const store = testStore();
  const digest = await keepText(store, 'text');
  const tree = await keepLayout(store, { file: 'text' });
  const { object, seen } = stored(store, tree).place;
  rmSync(object, { recursive: true });
  const { objects, orphans } = takeInventory(store.root);
  expect(objects.map((one) => one.digest)).toEqual([digest]);
  expect(orphans.toSorted()).toEqual([`${object}.manifest`, seen]);
  expect(takeInventory(join(temporary(), 'none'))).toEqual({ objects: [], orphans: [] });
});

test('a measure tells size, blocks, and what has another name elsewhere', async () => {
  const directory = lay(temporary(), { 'a/one': 'x'.repeat(5000), 'a/two': 'y'.repeat(100), link: { to: 'a/one' } });
  const { bytes, disk, shared } = await measure(join(directory, 'a'));
  expect([bytes, shared]).toEqual([5100, 0]);
  expect(disk).toBeGreaterThanOrEqual(5100);
  linkSync(join(directory, 'a/one'), join(directory, 'again'));
  const linked = await measure(join(directory, 'a'));
  expect(linked.shared).toBe(lstatSync(join(directory, 'again')).blocks * 512);
  expect(await measure(join(directory, 'nothing'))).toEqual({ bytes: 0, disk: 0, shared: 0 });
});

test('work that goes on needs what it said it needs, and what was used since it began, as long as its holder lives', async () => {
  const directory = temporary();
  const names = [hexOf(blob('a')), 'd4'.repeat(20)];
  const idle = { needs: [], since: Infinity };
  const before = lstatSync(directory).ctimeMs;
  const during = await openClaims({ directory }).tryHold('target', async () => liveWork(directory, before), {
    needs: `{"sha256":"${names[0]}","commit":"${names[1]}","secret":"word"}`,
  });
  const { needs, since } = (during as { readonly value: LiveWork }).value;
  expect(needs.flatMap(wordsOf)).toEqual(names);
  expect(needs.join()).not.toContain('secret');
  expect(since).toBeGreaterThanOrEqual(before);
  expect(since).toBeLessThanOrEqual(lstatSync(directory).ctimeMs);
  expect(liveWork(directory, before)).toEqual(idle);
  const card = {
    host: 'pod-7',
    boot: '0a1b2c3d',
    space: '4026531836',
    pid: 1,
    start: '77',
    since: '',
    needs: names[0],
  };
  lay(join(directory, sha256Of('elsewhere')), { '00112233aabbccdd.3': JSON.stringify(card) });
  // It does not say when it began.
  expect(liveWork(directory, before)).toEqual({ needs: [expect.stringContaining(names[0]!)], since: 0 });
  // Nobody has seen its heart beat for an hour.
  expect(liveWork(directory, before + 3_600_000)).toEqual(idle);
  expect(liveWork(join(directory, 'none'), before)).toEqual(idle);
});

test('leftovers are those of processes that are gone, and of other machines when nobody touched them for a day', async () => {
  const directory = temporary();
  const mine = openTemps(directory).fresh();
  writeFileSync(mine, '');
  const [boot, space, , start] = mine.slice(directory.length + 1).split('.');
  const gone = join(directory, `${boot}.${space}.4194303.${start}.00000000`);
  const other = join(directory, `${boot}.1.77.${start}.00000000`);
  for (const path of [gone, other, join(directory, 'notes.txt')]) writeFileSync(path, '');
  const left = (ms: number) => leftoversIn(directory, Date.now() + ms).map(({ path }) => path);
  expect(left(0)).toEqual([gone]);
  expect(left(25 * 3_600_000).toSorted()).toEqual([gone, mine, other].toSorted());
});

test('records are listed with their files; one that holds no answer is listed too', async () => {
  const directory = temporary();
  const results = openResults({ directory, warn: () => undefined });
  const known = answer('a', { of: 'a' }, { file: blob('a') });
  await results.save(known);
  lay(directory, { [`ff/${'f'.repeat(64)}.json`]: 'torn', 'tmp/other': '' });
  const listed = await listAnswers({ directory });
  expect(listed.map((kept) => kept.answer)).toEqual(expect.arrayContaining([known, undefined]));
  expect(listed.every(({ file }) => existsSync(file!.path))).toBe(true);
  expect(await listAnswers({ directory: join(directory, 'none') })).toEqual([]);
});

test.each([1, 3])(
  'everything is read again in %i threads: what is damaged is put away, what is true stays as it was',
  async (threads) => {
    const store = testStore();
    const large = await keepText(store, 'x'.repeat(70_000_000));
    const texts = await Promise.all(['a', 'b', 'c'].map((text) => keepText(store, text)));
    const tree = await keepLayout(store, { 'a/b': 'text', 'a/c': 'more' });
    const times = [large, texts[1]!].map((digest) => stored(store, digest).usedAt);
    appendFileSync(store.pathOf(texts[0]!), 'more');
    rmSync(join(store.pathOf(tree), 'a/b'));
    const objects = takeInventory(store.root).objects.map(({ digest }) => ({
      digest,
      bytes: digest === large ? 7e7 : 10,
    }));
    const read: string[] = [];
    const { signal } = new AbortController();
    const onProven = ({ digest }: { readonly digest: string }): void => void read.push(digest);
    const damaged = await proveAll(objects, { root: store.root, threads, signal, onProven });
    expect(damaged.map(({ digest }) => digest)).toEqual([texts[0]!, tree].toSorted());
    expect(damaged.flatMap(({ warnings }) => warnings)).toHaveLength(2);
    expect(read.toSorted()).toEqual(objects.map(({ digest }) => digest).toSorted());
    expect([large, texts[1]!].map((digest) => stored(store, digest).usedAt)).toEqual(times);
    expect(await store.proves(texts[0]!)).toBe(false);
    expect(await proveAll([], { root: store.root, threads, signal, onProven })).toEqual([]);
  },
);

test('reading everything again stops when it is told to', async () => {
  const store = testStore();
  mkdirSync(store.root, { recursive: true });
  const digest = await keepText(store, 'text');
  const order = { root: store.root, threads: 2, signal: AbortSignal.abort(), onProven: () => undefined };
  await expect(proveAll([{ digest, bytes: 4 }], order)).rejects.toThrow('aborted');
});
