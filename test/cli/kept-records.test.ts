import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { keptRecords } from '../../pipelines/cli/cache/small-things.ts';

const day = 24 * 60 * 60 * 1000;

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'kept-records-'));
  for (const name of ['recipes/a', 'runs/a', 'hashes/a', 'repeat/a', 'demo/a', 'recent/a', 'probes/a', 'resolved/a']) {
    mkdirSync(dirname(join(cache, name)), { recursive: true });
    writeFileSync(join(cache, name), '');
  }
});
afterEach(() => rmSync(cache, { recursive: true }));

/** What is waste so many days after everything was written. */
async function wasteAfter(days: number, isBare = false): Promise<readonly string[]> {
  const things = await keptRecords({ cache, ended: [], now: Date.now() + days * day, idle: 30 * day, isBare });
  return things.filter(({ isWaste }) => isWaste).map(({ name }) => name);
}

const passing = ['repeat/a', 'runs/a', 'demo/a', 'hashes/a', 'recipes/a'];

test('what only saves time is waste when nobody made or used it for as long as that', async () => {
  expect(await wasteAfter(29)).toEqual([]);
  expect(await wasteAfter(31)).toEqual(passing);
});

test('what is to be bare keeps nothing that only saves time, however young', async () => {
  expect(await wasteAfter(0, true)).toEqual(passing);
});
