import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { contentsOf, leftovers, realize, start } from './crash-rig.ts';
import { type Bench, openDemo } from './rig.ts';
import { changedPaths, type Listing } from './tree.ts';

/** A small volume of its own. */
interface Volume extends Disposable {
  readonly path: string;
  grow(): void;
}

function mount(path: string, kilobytes: number): Volume {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', path], { stdio: 'pipe' });
  return {
    path,
    grow: () => void execFileSync('mount', ['-o', 'remount,size=64m', path]),
    // Lazily: what a child of a failed run still holds open goes when it ends.
    [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', path]),
  };
}

/** Whether volumes can be mounted here: that takes root, on Linux. */
const canMount = ((): boolean => {
  const path = mkdtempSync(join(tmpdir(), 'mount-'));
  try {
    mount(path, 64)[Symbol.dispose]();
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(path);
  }
})();

let warm: Bench;
let clean: Listing;
beforeAll(async () => {
  warm = openDemo();
  await realize(warm, warm.target, 'demo');
  clean = contentsOf(warm.target);
});
afterAll(() => warm[Symbol.dispose]());

/** Realizes on a volume that is too small, twice, and once more when it has grown. Answers what was said first. */
async function overflowing(bench: Bench, volume: Volume): Promise<string> {
  const first = await start(bench, bench.target, 'demo').ended;
  const again = await start(bench, bench.target, 'demo').ended;
  expect([first.exitCode, again.exitCode]).toEqual([6, 6]);
  volume.grow();
  await realize(bench, bench.target, 'demo');
  expect(changedPaths(contentsOf(bench.target), clean)).toEqual([]);
  expect(leftovers(bench, bench.target)).toEqual([]);
  return `${first.stdout}${first.stderr}`;
}

it.for([
  ['the files that are staged', 400],
  ['the receipts', 560],
] as const)(
  'a target on a volume too small for %s: exit code 6, twice, and with more room the next run completes',
  async ([, kilobytes], { skip }) => {
    skip(!canMount, 'only root may mount a volume');
    using bench = openDemo({ cache: warm.cache });
    using volume = mount(bench.target, kilobytes);
    const said = await overflowing(bench, volume);
    expect(said).toMatch(/Cannot write .+ \(ENOSPC\)\n +hint: /);
  },
);

it.for([
  ['a model', 'store', 500],
  ['what is unpacked', 'store', 5_500],
  ['the sources of the demo', '', 3_000],
] as const)(
  'a cache on a volume too small for %s: exit code 6, twice, and with more room the next run completes',
  async ([, room, kilobytes], { skip }) => {
    skip(!canMount, 'only root may mount a volume');
    using bench = openDemo();
    using volume = mount(join(bench.cache, room), kilobytes);
    const said = await overflowing(bench, volume);
    expect(said).toContain(`Cannot write ${volume.path}/`);
    expect(said).toContain('(ENOSPC)');
  },
);
