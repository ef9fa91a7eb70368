import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, isDigest } from '#cache';
import { expect, test } from 'vitest';

import { type Child, listing, startChild, temporary, testStore } from './rig.ts';

/** Digests of a whole store, by what its directories hold. */
const held = (root: string): readonly Digest[] =>
  (['blob', 'tree'] as const).flatMap((kind) =>
    readdirSync(join(root, `${kind}s`)).flatMap((shard) =>
      readdirSync(join(root, `${kind}s`, shard))
        .map((name) => `${kind}:${name}`)
        .filter(isDigest),
    ),
  );

const start = (child: Child): void => void child.process.stdin!.write('go\n');

/** The digests that a publisher says the store has, and everything else it said. */
async function spoken(child: Child, upTo = Infinity) {
  const kept: Digest[] = [];
  const other: string[] = [];
  for (let line = await child.next(); line !== undefined; line = await child.next()) {
    const digest = line.split(' ')[2];
    if (isDigest(digest)) kept.push(digest);
    else other.push(line);
    if (kept.length >= upTo) break;
  }
  return { kept, other };
}

test('processes that publish the same objects at the same time: each object once, none damaged, nothing left over', async () => {
  const root = join(temporary(), 'store');
  const numbers = Array.from({ length: 12 }, (_, index) => index);
  const orders = [numbers, numbers, numbers.toReversed(), [...numbers.slice(6), ...numbers.slice(0, 6)]];
  const racers = orders.map((order) => startChild('publisher.ts', { root, numbers: order, files: 40 }));
  await Promise.all(racers.map(async (racer) => expect(await racer.next()).toBe('ready')));
  racers.forEach(start);
  const runs = await Promise.all(racers.map((racer) => spoken(racer)));
  for (const { kept, other } of runs) expect([kept.toSorted(), other]).toEqual([runs[0]!.kept.toSorted(), []]);
  const store = testStore(root);
  expect(held(root).toSorted()).toEqual(runs[0]!.kept.toSorted());
  for (const digest of held(root))
    expect([digest, await store.proves(digest, { rehash: true })]).toEqual([digest, true]);
  expect([listing(join(root, 'tmp')), listing(join(root, 'quarantine')), store.warnings]).toEqual([[], [], []]);
});

test('publishers killed at any moment: nothing they said is lost, and nothing that proves true is wrong', async ({
  annotate,
}) => {
  const root = join(temporary(), 'store');
  const seed = 20_261_120;
  const random = dice(seed);
  const said = new Set<Digest>();
  let kills = 0;
  for (let round = 0; round < 10; round += 1) {
    const numbers = Array.from({ length: 20 }, (_, index) => index + round * 7);
    const child = startChild('publisher.ts', { root, numbers, files: round % 2 === 0 ? 40 : 4 });
    await child.next();
    start(child);
    const { kept } = await spoken(child, random(6));
    // Into the middle of what comes next, wherever that is.
    const moment = performance.now() + random(12_000) / 1000;
    while (performance.now() < moment);
    kills += child.process.kill('SIGKILL') ? 1 : 0;
    await child.ended;
    kept.forEach((digest) => said.add(digest));
    const store = testStore(root);
    for (const digest of said) expect([digest, await store.proves(digest)]).toEqual([digest, true]);
    for (const digest of held(root))
      expect([digest, await store.proves(digest), await store.proves(digest, { rehash: true })]).toEqual([
        digest,
        true,
        true,
      ]);
    expect(store.warnings).toEqual([]);
  }
  await (await testStore(root).scratch())[Symbol.asyncDispose]();
  expect(listing(join(root, 'tmp'))).toEqual([]);
  await annotate(`seed ${seed}: ${kills} kills, ${said.size} acknowledged, 0 lost, 0 wrong`);
});

/** Numbers below a bound, the same for the same seed. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
