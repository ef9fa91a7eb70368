import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Entry, zip } from '../rig/zip.ts';
import { listing } from '../e2e/tree.ts';
import { type NodeWorld, openNodeBench, openNodeWorld, type TestPack } from './rig.ts';

let world: NodeWorld;
let foo: TestPack;
beforeAll(async () => {
  world = await openNodeWorld();
  foo = await world.pack('ComfyUI-Foo');
  foo.release('1.0.0');
});
afterAll(async () => world[Symbol.asyncDispose]());

const bytes = 'x'.repeat(1000);
const hostile: readonly [string, readonly Entry[]][] = [
  ['climbs out', [{ name: '../canary', data: 'evil' }]],
  ['is absolute', [{ name: '/tmp/canary', data: 'evil' }]],
  ['has a backslash', [{ name: '..\\canary', data: 'evil' }]],
  ['has a symbolic link', [{ name: 'link', data: '..', mode: 0o120_777 }]],
  ['has a repository', [{ name: '.git/config', data: '[core]\n\tfsmonitor = evil\n' }]],
  ['has a .tracking of its own', [{ name: '.tracking', data: '../../canary' }]],
  [
    'names one file twice',
    [
      { name: 'a', data: '1' },
      { name: 'a', data: '2' },
    ],
  ],
  ['differs in case alone', [{ name: 'a' }, { name: 'A' }]],
  ['has a file that is a directory', [{ name: 'a' }, { name: 'a/b' }]],
  ['has a wrong checksum', [{ name: 'a', data: bytes, crc: 1 }]],
  ['is encrypted', [{ name: 'a', data: bytes, flags: 0x801 }]],
  ['is a bomb', [{ name: 'a', data: Buffer.alloc(30 * 1024 ** 2) }]],
];

let releases = 1;
it.each([
  ...hostile.map(([name, entries]) => [name, zip([{ name: 'fine.py' }, ...entries])] as const),
  ['is no archive', Buffer.from('<html>not here</html>')] as const,
  ['was cut', zip([{ name: 'a', data: bytes }]).subarray(0, -40)] as const,
  ['is empty of bytes', Buffer.alloc(0)] as const,
])('an archive that %s: the old version stays active, and nothing is left behind', async (_, archive) => {
  using bench = openNodeBench(world);
  const version = `9.${(releases += 1)}.0`;
  foo.release(version, {}, { archive });
  await bench.done('install', 'comfyui-foo@1.0.0');
  bench.write('custom_nodes/canary', 'sings');
  const before = listing(bench.target);
  const done = await bench.node('install', `comfyui-foo@${version}`);
  expect(done.exitCode).not.toBe(0);
  expect(['refused', 'integrity', 'network', 'absent']).toContain(done.failure?.kind);
  expect(listing(bench.target)).toEqual(before);
  expect((await bench.done('install', 'comfyui-foo@1.0.0')).notes).toEqual([expect.stringContaining('Nothing to do')]);
});

it('a download that fails leaves the old version active', async () => {
  using bench = openNodeBench(world);
  await bench.done('install', 'comfyui-foo@1.0.0');
  foo.release('8.0.0', {}, { served: { always: { fault: 'status', status: 404 } } });
  const before = listing(bench.target);
  const done = await bench.node('install', 'comfyui-foo@8.0.0');
  expect([done.exitCode, done.failure?.kind]).toEqual([5, 'network']);
  expect(listing(bench.target)).toEqual(before);
});

const mount = (path: string, kilobytes: number): void =>
  void execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', path], { stdio: 'pipe' });

/** Whether volumes can be mounted here: that takes root, on Linux. */
const canMount = ((): boolean => {
  const path = mkdtempSync(join(tmpdir(), 'mount-'));
  try {
    mount(path, 64);
    execFileSync('umount', ['--lazy', path]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(path);
  }
})();

it.skipIf(!canMount)('a disk that is full leaves the old version active; with room the next run goes on', async () => {
  using bench = openNodeBench(world);
  foo.release('7.0.0', { 'big.bin': Array.from({ length: 20_000 }, (_, n) => n * 7919).join() });
  await bench.done('install', 'comfyui-foo@7.0.0');
  await bench.done('install', 'comfyui-foo@1.0.0');
  const volume = join(bench.root, 'volume');
  mkdirSync(volume);
  mount(volume, 96);
  try {
    mkdirSync(join(volume, 'custom_nodes'));
    const small = ['--target', volume] as const;
    await bench.done('install', 'comfyui-foo@1.0.0', ...small);
    const before = listing(volume, { except: ['.pipeline/staging'] });
    const done = await bench.node('install', 'comfyui-foo@7.0.0', ...small);
    expect([done.exitCode, done.failure?.kind]).toEqual([6, 'disk']);
    expect(listing(volume, { except: ['.pipeline/staging'] })).toEqual(before);
    execFileSync('mount', ['-o', 'remount,size=8m', volume]);
    await bench.done('install', 'comfyui-foo@7.0.0', ...small);
    expect(readdirSync(join(volume, 'custom_nodes/ComfyUI-Foo'))).toContain('big.bin');
    expect(readdirSync(join(volume, '.pipeline'))).not.toContain('staging');
  } finally {
    execFileSync('umount', ['--lazy', volume]);
  }
});
