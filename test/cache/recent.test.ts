import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { openRecent, recentRuns, type Answer, type Results, sha256Of } from '#cache';

const nothing: Results = { lookup: () => undefined, save: () => undefined };

const answer: Answer = { key: 'k1', task: 'fetch', input: {}, output: {}, at: '2026-01-01T00:00:00.000Z', ms: 1 };

function openDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'recent-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return {
    directory,
    open: (run: string) => openRecent({ directory, run }, nothing),
    /** Makes a run the one that ended that many seconds after the beginning of time. */
    date: (run: string, seconds: number) =>
      utimesSync(join(directory, `${sha256Of(run).slice(0, 32)}.json`), seconds, seconds),
  };
}

/** Runs with one step. */
async function end(recent: ReturnType<typeof openRecent>, notes: ReadonlyMap<string, unknown> = new Map()) {
  await recent.save(answer);
  recent.remember(new Map([['step', answer.key]]), notes);
}

test('what was remembered is there when the same run is opened again, and only then', async () => {
  const { open } = openDirectory();
  await end(open('realize a /x'), new Map([['step', { why: 'new' }]]));
  expect(open('realize a /x').answerOf('step')).toEqual(answer);
  expect(open('realize a /x').noteOf('step')).toEqual({ why: 'new' });
  expect(open('realize a /x').lookup('k1')).toEqual(answer);
  expect(open('realize a /y').answerOf('step')).toBeUndefined();
});

test('recentRuns() names the runs, the latest first', async () => {
  const { open, date, directory } = openDirectory();
  for (const [run, seconds] of [
    ['realize a /x', 20],
    ['validate a', 30],
    ['realize b /y z', 10],
  ] as const) {
    await end(open(run));
    date(run, seconds);
  }
  expect([...recentRuns(directory)]).toEqual(['validate a', 'realize a /x', 'realize b /y z']);
});

test('a run in which nothing was news is the latest all the same', async () => {
  const { open, date, directory } = openDirectory();
  for (const [run, seconds] of [
    ['realize a /x', 10],
    ['realize b /y', 20],
  ] as const) {
    await end(open(run));
    date(run, seconds);
  }
  await end(open('realize a /x'));
  expect([...recentRuns(directory)][0]).toBe('realize a /x');
});

test('files that say nothing are passed over, and no directory means no runs', async () => {
  const { open, directory } = openDirectory();
  await end(open('realize a /x'));
  writeFileSync(join(directory, 'torn.json'), '{"run": "real');
  writeFileSync(join(directory, 'before.json'), '{"answers": {}, "notes": {}}');
  expect([...recentRuns(directory)]).toEqual(['realize a /x']);
  expect([...recentRuns(join(directory, 'none'))]).toEqual([]);
});
