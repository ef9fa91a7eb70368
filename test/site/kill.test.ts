import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  const program = join(import.meta.dirname, 'switch-for-ever.ts');
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

const pick = (contents: Contents, paths: readonly string[]): Contents =>
  Object.fromEntries(Object.entries(contents).filter(([path]) => !paths.includes(path)));

test(`killed ${kills} times, a target is one of its versions every time`, async () => {
  using rig = openRig(inMemory);
  const next = numbersFrom(seed);
  await switchTo('A', rig.open(), rig.store);
  await switchTo('B', rig.open(), rig.store);
  const clean = { B: view(rig), A: {} as Contents };
  await switchTo('A', rig.open(), rig.store);
  clean.A = view(rig);
  const mine: Record<string, string> = {};
  const seen = { A: 0, B: 0, journals: 0 };
  for (let n = 0; n < kills; n += 1) {
    await killAfter(next() * 120, rig);
    await rig.open().recover();
    const { version } = JSON.parse(readFileSync(join(rig.target, '.pipeline/current.json'), 'utf8')) as {
      version: 'A' | 'B';
    };
    seen[version] += 1;
    const there = view(rig);
    expect([n, pick(there, Object.keys(mine))]).toEqual([n, clean[version]]);
    expect(there).toMatchObject(mine);
    const file = `custom_nodes/n/lib/mine-${n}.txt`;
    mine[file] = `mine ${n}`;
    write(rig.target, { [file]: `mine ${n}` });
  }
  await switchTo('B', rig.open(), rig.store);
  expect(view(rig)).toEqual({ ...clean.B, ...mine });
  seen.journals = rig.notes.filter((note) => note.includes('cut short')).length;
  process.stdout.write(
    `crash: seed ${seed}, ${kills} kills, ${kills} converged (${seen.A} old, ${seen.B} new, ${seen.journals} finished by the next run), 0 lost\n`,
  );
});
