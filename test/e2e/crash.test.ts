import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import {
  addUsersFiles,
  canTrace,
  contentsOf,
  cutting,
  dies,
  leftovers,
  type Lock,
  lostFrom,
  realize,
  seededRandom,
  start,
  writeEarlier,
} from './crash-rig.ts';
import { thisProcess } from '../../cache/owner.ts';
import { nameFor } from '../../cache/temps.ts';
import { tempsIn } from '../../pipelines/cli/temps-in.ts';
import { type Bench, openDemo } from './rig.ts';
import { changedPaths, type Listing } from './tree.ts';

const seed = 7;
const random = seededRandom(seed);
const coldKills = 14;
const switchKills = 36;

/** A machine on which the demo and its earlier lockfile were realized once: the model of what everything must come to. */
let bench: Bench;
/** Milliseconds of a run that nobody disturbs. */
const length = { cold: 0, switch: 0 };
/** What a fresh target is, and one with the user's files in it that was switched to `demo`, and then back to `earlier`. */
const clean: { fresh: Listing; demo: Listing; earlier: Listing } = { fresh: {}, demo: {}, earlier: {} };
const tally = { kills: 0, converged: 0, lost: 0 };

beforeAll(async () => {
  bench = openDemo();
  length.cold = await timed(realize(bench, bench.target, 'demo'));
  clean.fresh = contentsOf(bench.target);
  writeEarlier(bench);
  const target = await worked('model');
  length.switch = await timed(realize(bench, target, 'demo'));
  clean.demo = contentsOf(target);
  await realize(bench, target, 'earlier');
  clean.earlier = contentsOf(target);
});
afterAll(() => {
  bench[Symbol.dispose]();
  const { kills, converged, lost } = tally;
  process.stdout.write(`crash: seed ${seed}, ${kills} kills, ${converged} converged, ${lost} lost\n`);
});

/** A target of the earlier lockfile that a person has worked in. */
async function worked(name: string): Promise<string> {
  const target = bench.at(name);
  await realize(bench, target, 'earlier');
  addUsersFiles(target);
  return target;
}

async function timed(work: Promise<void>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

/** Kills a realize at a moment of its own (a part of a whole run), earlier if it was over by then. */
async function killed(on: Bench, target: string, lock: Lock, moment: number): Promise<void> {
  for (let afterMs = moment; !(await dies(start(on, target, lock), afterMs)); afterMs /= 2);
  tally.kills += 1;
}

/** Runs again to the end, and compares. */
async function expectConverged(on: Bench, target: string, lock: Lock, model: Listing): Promise<void> {
  await realize(on, target, lock);
  expect(changedPaths(contentsOf(target), model)).toEqual([]);
  tally.converged += 1;
}

/** Does `work` for each of the items, two at a time. */
async function twoAtATime<T, R>(items: readonly T[], work: (item: T, n: number) => Promise<R>): Promise<readonly R[]> {
  const left = items.entries();
  const done: R[] = [];
  const lane = async (): Promise<void> => {
    for (const [n, item] of left) done.push(await work(item, n));
  };
  await Promise.all([lane(), lane()]);
  return done;
}

const moments = (count: number): readonly number[] => Array.from({ length: count }, random);

it(`killed at ${coldKills} moments of a first realize, the next one makes the same target and leaves nothing behind`, async () => {
  await twoAtATime(moments(coldKills), async (part) => {
    using fresh = openDemo();
    await killed(fresh, fresh.target, 'demo', part * length.cold);
    await expectConverged(fresh, fresh.target, 'demo', clean.fresh);
    expect(leftovers(fresh, fresh.target)).toEqual([]);
  });
});

it(`killed at ${switchKills} moments of a switch, the next one makes the same target and loses nothing of the user`, async () => {
  const targets = await twoAtATime(moments(switchKills / 2), async (part, n) => {
    const target = await worked(`switched ${n}`);
    for (const [lock, moment] of [
      ['demo', part],
      ['earlier', 1 - part],
    ] as const) {
      await killed(bench, target, lock, moment * length.switch);
      tally.lost += lostFrom(target).length;
      await expectConverged(bench, target, lock, clean[lock]);
      tally.lost += lostFrom(target).length;
    }
    return target;
  });
  expect(tally.lost).toBe(0);
  expect(targets.flatMap((target) => leftovers(bench, target))).toEqual([]);
});

/** Starts a switch that is ended when one of its threads is about to rename for the k-th time. Answers its target, and whether it came to that. */
async function cutAt(k: number, name: string): Promise<{ readonly target: string; readonly died: boolean }> {
  const target = await worked(`${name} ${k}`);
  const { child, ended } = start(bench, target, 'demo', cutting(k));
  await ended;
  return { target, died: child.signalCode === 'SIGKILL' };
}

it('killed at renames from the first to the last of a switch, the next one makes the same target', async ({ skip }) => {
  skip(!canTrace, 'strace is not installed, or may not trace');
  const cuts = await twoAtATime([1, 2, 3, 5, 8, 12, 16, 20, 24, 28, 32, 36], async (k) => {
    const { target, died } = await cutAt(k, 'cut');
    expect([k, lostFrom(target)]).toEqual([k, []]);
    await realize(bench, target, 'demo');
    expect([k, changedPaths(contentsOf(target), clean.demo)]).toEqual([k, []]);
    return { target, died };
  });
  expect(cuts.flatMap(({ target }) => leftovers(bench, target))).toEqual([]);
  const kills = cuts.filter(({ died }) => died).length;
  process.stdout.write(`crash: ${kills} kills at renames, ${cuts.length} converged, 0 lost\n`);
  expect(kills).toBeGreaterThan(8);
});

it('what a killed process left in any room of the cache is gone after the next realize', async () => {
  using fresh = openDemo();
  await realize(fresh, fresh.target, 'demo');
  const { pid } = spawnSync('true');
  for (const directory of tempsIn(fresh.cache))
    mkdirSync(join(directory, nameFor({ ...thisProcess(), pid, start: '1' }), 'half'), { recursive: true });
  expect(leftovers(fresh, fresh.target).length).toBeGreaterThan(10);
  const other = fresh.at('other');
  await realize(fresh, other, 'demo');
  expect(leftovers(fresh, other)).toEqual([]);
});

it('killed in the middle of a switch, the version before it is there again when that is asked for', async ({
  skip,
}) => {
  skip(!canTrace, 'strace is not installed, or may not trace');
  await twoAtATime([3, 10, 17, 24, 31], async (k) => {
    const { target, died } = await cutAt(k, 'turned');
    expect([k, died]).toEqual([k, true]);
    await realize(bench, target, 'earlier');
    expect([k, changedPaths(contentsOf(target), clean.earlier)]).toEqual([k, []]);
  });
});
