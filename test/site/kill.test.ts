import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { type Contents, inMemory, openRig, type Rig, write } from './rig.ts';
import { switchTo, view } from './switching.ts';

const seed = 20;
const kills = 32;

/** Numbers between 0 and 1, the same for the same seed. */
function numbersFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Switches there and back in another process, and kills it `ms` after it began. */
async function killAfter(ms: number, rig: Rig): Promise<void> {
  const program = fileURLToPath(new URL('./switch-for-ever.ts', import.meta.url));
  const child = spawn(process.execPath, [program, rig.root], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(rig.root, 'compiled') },
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  const [code, signal] = (await ended) as [number | null, string | null];
  clearTimeout(timer);
  expect([code, signal]).toEqual([null, 'SIGKILL']);
}

interface Tally {
  A: number;
  B: number;
  finished: number;
}

/** Kills and recovers, again and again, in one target; a person adds a file after each. */
async function killOften(next: () => number, times: number, tally: Tally): Promise<void> {
  using rig = openRig(inMemory);
  await switchTo('A', rig.open(), rig.store);
  await switchTo('B', rig.open(), rig.store);
  const clean = { A: {} as Contents, B: view(rig) };
  await switchTo('A', rig.open(), rig.store);
  clean.A = view(rig);
  const mine: Record<string, string> = {};
  for (let n = 0; n < times; n += 1) {
    await killAfter(next() * 120, rig);
    await rig.open().recover();
    const current = readFileSync(join(rig.target, '.pipeline/current.json'), 'utf8');
    const { version } = JSON.parse(current) as { version: 'A' | 'B' };
    expect(view(rig)).toEqual({ ...clean[version], ...mine });
    tally[version] += 1;
    mine[`custom_nodes/n/lib/mine-${n}.txt`] = `mine ${n}`;
    write(rig.target, mine);
  }
  await switchTo('B', rig.open(), rig.store);
  expect(view(rig)).toEqual({ ...clean.B, ...mine });
  tally.finished += rig.notes.filter((note) => note.includes('cut short')).length;
}

test(`killed ${kills} times, a target is one of its versions every time`, async () => {
  const next = numbersFrom(seed);
  const tally: Tally = { A: 0, B: 0, finished: 0 };
  await Promise.all([killOften(next, kills / 2, tally), killOften(next, kills / 2, tally)]);
  const { A, B, finished } = tally;
  expect(A + B).toBe(kills);
  process.stdout.write(
    `crash: seed ${seed}, ${kills} kills, ${kills} converged (${A} old, ${B} new; ${finished} finished by the next run), 0 lost\n`,
  );
});
