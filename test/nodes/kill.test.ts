import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { inMemory } from '../site/rig.ts';
import { type NodeBench, type NodeWorld, openNodeBench, openNodeWorld } from './rig.ts';

const seed = 4;
const kills = 100;

/** Numbers between 0 and 1, the same for the same seed. */
function numbersFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Everything below custom_nodes: paths with their contents. */
function view(bench: NodeBench): Readonly<Record<string, string>> {
  const root = bench.at('custom_nodes');
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();
  const files = paths.filter((path) => lstatSync(join(root, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(root, path), 'latin1')]));
}

/** The part of a view that concerns one pack. */
const partOf = (files: Readonly<Record<string, string>>, name: string): string =>
  JSON.stringify(Object.entries(files).filter(([path]) => path.toLowerCase().includes(name)));

const packs = ['comfyui-one', 'comfyui-two', 'comfyui-three'] as const;

/** Lays everything out once, and answers the states in which each pack may be found. */
async function prepare(bench: NodeBench): Promise<ReadonlyMap<string, readonly string[]>> {
  for (const what of ['one@1.1.0', 'one@1.0.0', 'two@nightly', 'two@1.0.0', 'three@1.0.0'])
    await bench.done('install', `comfyui-${what}`);
  bench.write('custom_nodes/ComfyUI-One/mine/settings.ini', 'mine');
  const before = view(bench);
  await bench.done('install', 'comfyui-one@1.1.0');
  await bench.done('install', 'comfyui-two@nightly');
  await bench.done('uninstall', 'comfyui-three');
  const after = view(bench);
  return new Map(packs.map((name) => [name, [partOf(before, name), partOf(after, name)]]));
}

async function killAfter(ms: number, bench: NodeBench, registry: string): Promise<void> {
  const program = fileURLToPath(new URL('./switch-for-ever.ts', import.meta.url));
  const child = spawn(process.execPath, [program, bench.root, registry], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(bench.root, 'compiled') },
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  const [code, signal] = (await ended) as [number | null, string | null];
  clearTimeout(timer);
  expect([code, signal]).toEqual([null, 'SIGKILL']);
}

interface Tally {
  old: number;
  new: number;
  cut: number;
}

async function killOften(world: NodeWorld, next: () => number, times: number, tally: Tally): Promise<void> {
  using bench = openNodeBench(world, inMemory);
  const states = await prepare(bench);
  for (let n = 0; n < times; n += 1) {
    await killAfter(next() * 150, bench, world.registry.origin);
    if (existsSync(bench.at('.pipeline/journal.json'))) tally.cut += 1;
    await bench.done('list');
    const now = view(bench);
    for (const name of packs) {
      const state = states.get(name)!.indexOf(partOf(now, name));
      expect([name, state === -1 ? partOf(now, name) : 'whole']).toEqual([name, 'whole']);
      if (name === 'comfyui-one') tally[state === 0 ? 'old' : 'new'] += 1;
    }
    expect(existsSync(bench.at('.pipeline/journal.json'))).toBe(false);
  }
  await bench.done('install', 'comfyui-one@1.0.0');
  await bench.done('install', 'comfyui-two@1.0.0');
  await bench.done('install', 'comfyui-three@1.0.0');
  const end = view(bench);
  expect(packs.map((name) => states.get(name)!.indexOf(partOf(end, name)))).toEqual([0, 0, 0]);
}

test(`killed ${kills} times, each pack is wholly old or wholly new after the next command`, async () => {
  await using world = await openNodeWorld();
  const [one, two, three] = await Promise.all(['One', 'Two', 'Three'].map((name) => world.pack(`ComfyUI-${name}`)));
  one!.release('1.0.0', { 'lib/old.py': 'old', 'lib/same.py': 'same', data: 'a file' });
  one!.release('1.1.0', { 'lib/new.py': 'new', 'lib/same.py': 'same', 'data/table.txt': 'a directory' });
  two!.release('1.0.0', { 'two.py': 'archive' });
  await two!.commit({ ...two!.files('2.0.0'), 'two.py': 'checkout' });
  three!.release('1.0.0');
  const next = numbersFrom(seed);
  const tally: Tally = { old: 0, new: 0, cut: 0 };
  await Promise.all([killOften(world, next, kills / 2, tally), killOften(world, next, kills / 2, tally)]);
  expect(tally.old + tally.new).toBe(kills);
  process.stdout.write(
    `crash: seed ${seed}, ${kills} kills, ${kills} whole (${tally.old} old, ${tally.new} new; ${tally.cut} cut in the middle of a change), 0 lost\n`,
  );
});
