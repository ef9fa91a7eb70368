import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { runIn } from './environment.ts';
import { small } from './small.ts';
import { changedPaths, type Listing, targetListing } from './tree.ts';

const on = small();

const hasPip = ((): boolean => {
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Realizes, damages the target, and realizes again. What was repaired is compared with what was there at first. */
async function damaged(damage: (target: string) => void | Promise<void>) {
  await on.realize();
  const before = targetListing(on.bench.target);
  const asked = on.world.asked();
  await damage(on.bench.target);
  const repaired = await on.realize();
  expect(on.world.asked()).toBe(asked);
  const still = withoutRecords(changedPaths(before, targetListing(on.bench.target)));
  const again = await on.realize();
  expect([again.built, again.notes]).toEqual([[], []]);
  return { built: repaired.built, events: repaired.events, still };
}

/** Our own records may tell when a step ran last. */
const withoutRecords = (paths: readonly string[]): readonly string[] =>
  paths.filter((path) => !path.startsWith('.pipeline/'));

it('a file deleted inside a node is put back, and only that node is placed again', async () => {
  const { built, still } = await damaged((target) => rmSync(join(target, 'custom_nodes/alpha/lib/colours.py')));
  expect(built).toEqual(['activate', 'place-node alpha']);
  expect(still).toEqual([]);
});

it('a file edited inside a node is put back, the edit is kept beside, and a note says so', async () => {
  const file = 'custom_nodes/alpha/__init__.py';
  const { built, still, events } = await damaged((target) => writeFileSync(join(target, file), 'MINE = 1\n'));
  expect(built).toEqual(['activate', 'place-node alpha']);
  expect(still).toEqual([`${file}.user-1`]);
  expect(readFileSync(join(on.bench.target, `${file}.user-1`), 'utf8')).toBe('MINE = 1\n');
  const notes = events.filter((event) => event.type === 'note' && event.level === 'warning');
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatchObject({ text: expect.stringContaining(file) as string });
  expect(notes[0]).toMatchObject({ text: expect.stringContaining('__init__.py.user-1') as string });
});

it('a file edited a second time is kept beside the first edit', async () => {
  const file = join(on.bench.target, 'custom_nodes/alpha/__init__.py');
  await on.realize();
  for (const edit of ['MINE = 1\n', 'MINE = 2\n']) {
    writeFileSync(file, edit);
    await on.realize();
  }
  expect(readFileSync(file, 'utf8')).toBe('ALPHA = 1\n');
  expect(readFileSync(`${file}.user-1`, 'utf8')).toBe('MINE = 1\n');
  expect(readFileSync(`${file}.user-2`, 'utf8')).toBe('MINE = 2\n');
});

it('a deleted model link is put back, and only the links are made again', async () => {
  const { built, still } = await damaged((target) => rmSync(join(target, 'models/checkpoints/big.safetensors')));
  expect(built).toEqual(['activate', 'link-models']);
  expect(still).toEqual([]);
});

it('a deleted file of the core is put back, and only the core is placed again', async () => {
  const { built, still } = await damaged((target) => rmSync(join(target, 'main.py')));
  expect(built).toEqual(['activate', 'place-core']);
  expect(still).toEqual([]);
});

it('a whole deleted environment is built again, and the rest stays', async () => {
  const { built, still } = await damaged((target) => rmSync(join(target, '.venv'), { recursive: true }));
  expect(built).toEqual(['activate', 'build-venv', 'install-wheels']);
  expect(still).toEqual([]);
});

it.skipIf(!hasPip)('what pip uninstalled from the environment is installed again, and only that', async () => {
  let without: Listing = {};
  const { built, still } = await damaged((target) => {
    const pip = ['-m', 'pip', '--python', join(target, '.venv/bin/python')];
    execFileSync('python3', [...pip, 'uninstall', '--yes', 'tint'], { stdio: 'ignore' });
    without = targetListing(target);
  });
  expect(Object.keys(without).some((path) => path.includes('tint'))).toBe(false);
  expect(built).toEqual(['activate', 'install-wheels']);
  expect(still).toEqual([]);
  expect(await runIn(on.bench.target, '.venv/bin/tint')).toBe('tinted\n');
});

it('everything damaged at once is repaired in one run', async () => {
  const { built, still } = await damaged((target) => {
    rmSync(join(target, 'custom_nodes/alpha'), { recursive: true });
    rmSync(join(target, 'custom_nodes/Gamma/__init__.py'));
    rmSync(join(target, 'models'), { recursive: true });
    rmSync(join(target, 'comfy'), { recursive: true });
  });
  expect(built).toEqual(['activate', 'link-models', 'place-core', 'place-node Gamma', 'place-node alpha']);
  expect(still).toEqual([]);
});

it('a model that is no longer in the store is fetched again, and nothing else', async () => {
  await on.realize();
  const link = join(on.bench.target, 'models/loras/small.safetensors');
  rmSync(realpathSync(link));
  const asked = on.world.files.asked.length;
  const { built } = await on.realize();
  expect(built.filter((name) => name.startsWith('fetch-'))).toEqual(['fetch-model loras/small.safetensors']);
  expect(on.world.files.asked.length).toBe(asked + 1);
  expect(readFileSync(link).equals(Buffer.alloc(50_000, 'small'))).toBe(true);
  expect((await on.realize()).built).toEqual([]);
});

it('a target whose whole cache was deleted keeps what it has, and has its models again', async () => {
  await on.realize();
  rmSync(on.bench.cache, { recursive: true });
  const { built } = await on.realize();
  expect(built.filter((name) => name.startsWith('place-'))).toEqual([]);
  expect(readFileSync(join(on.bench.target, 'models/loras/small.safetensors')).length).toBe(50_000);
  expect((await on.realize()).built).toEqual([]);
});

it('a model damaged in the store is fetched again', async () => {
  await on.realize();
  const link = join(on.bench.target, 'models/loras/small.safetensors');
  writeFileSync(link, 'x'.repeat(50_000));
  const asked = on.world.files.asked.length;
  const { built } = await on.realize(['--verify']);
  expect(built).toContain('fetch-model loras/small.safetensors');
  expect(on.world.files.asked.length).toBe(asked + 1);
  expect(readFileSync(link).equals(Buffer.alloc(50_000, 'small'))).toBe(true);
  expect(existsSync(join(on.bench.target, 'models/loras/small.safetensors.user-1'))).toBe(false);
});

it('an edit in place that keeps size and time is found by --verify alone; a damaged object of the store is made anew', async () => {
  await on.realize(['--link-mode', 'hardlink']);
  const [shade] = listOf('shade/__init__.py');
  const { atimeMs, mtimeMs } = lstatSync(shade!);
  writeFileSync(shade!, 'SHADE = 2\n');
  utimesSync(shade!, atimeMs / 1000, mtimeMs / 1000);
  const { built, notes } = await on.realize(['--verify', '--link-mode', 'hardlink']);
  expect(built).toEqual([
    expect.stringMatching(/^activate/),
    'install-wheels',
    expect.stringContaining('unpack-wheel shade'),
  ]);
  expect(notes.filter((note) => note.includes('was damaged'))).toHaveLength(1);
  expect(readFileSync(shade!, 'utf8')).toBe('SHADE = 1\n');
  expect((await on.realize(['--verify', '--link-mode', 'hardlink'])).built).toEqual([]);
});

/** The files of an installed package, by the end of their path. */
const listOf = (path: string): readonly string[] =>
  Object.keys(targetListing(on.bench.target))
    .filter((name) => name.endsWith(`site-packages/${path}`))
    .map((name) => join(on.bench.target, name));
