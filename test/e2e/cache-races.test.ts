import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { caching } from './caching.ts';
import { seededRandom } from './crash-rig.ts';
import { lockOf } from './world.ts';

const on = caching();

/** Collects without a pause and without grace. */
const collecting = (rounds: number) => on.startProgram('collect-for-ever.ts', { rounds });

it('realizes of several versions go well while others collect garbage all the time', async () => {
  on.bench.lock('other', lockOf(on.others));
  const collectors = [collecting(2000), collecting(2000)];
  const targets = ['small', 'other', 'small', 'other'].map((id, n) => ({ id, target: on.bench.at(`${id}-${n}`) }));
  await Promise.all(targets.map(async ({ id, target }) => on.realize(id, target)));
  for (const { child } of collectors) child.kill('SIGKILL');
  for (const { ended } of collectors) expect((await ended).stderr).toBe('');
  for (const { id, target } of targets) await on.expectWhole(id, target);
  expect((await on.cache('verify')).exitCode).toBe(0);
  await on.gc();
  expect(await on.gc()).toMatchObject({ removed: [] });
  for (const { id, target } of targets) await on.expectWhole(id, target);
});

it('a lost race is a miss: whatever is taken from the store while it is used is made again', async () => {
  const taker = on.startProgram('take-once.ts', { root: join(on.bench.cache, 'store') });
  await Promise.all(['one', 'two'].map(async (name) => on.realize('small', on.bench.at(name))));
  taker.child.kill('SIGKILL');
  await taker.ended;
  // What it took after the end, models that are links, is fetched again.
  for (const name of ['one', 'two']) {
    await on.realize('small', on.bench.at(name));
    await on.expectWhole('small', on.bench.at(name));
  }
  expect(await on.gc()).toMatchObject({ unseen: [] });
});

it('a gc that is killed at any moment harms nothing, and the next one finishes it', async () => {
  await on.realize('small');
  const random = seededRandom(20_261_121);
  for (let round = 0; round < 5; round += 1) {
    on.bench.lock('other', lockOf(on.others));
    await on.realize('other');
    on.forget('other');
    rmSync(on.bench.at('other'), { recursive: true });
    const { child, ended } = collecting(1);
    const moment = random() * 250;
    const timer = setTimeout(() => child.kill('SIGKILL'), moment);
    await ended;
    clearTimeout(timer);
    await on.expectWhole('small');
  }
  await on.gc();
  expect(await on.gc()).toMatchObject({ removed: [] });
  expect((await on.cache('verify')).exitCode).toBe(0);
  expect(globSync('{*/tmp,git/incoming}/*', { cwd: on.bench.cache })).toEqual([]);
  await on.realize('small', on.bench.at('again'), ['--offline']);
});
