import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Digest, isDigest } from '#cache';
import { describe, expect, test } from 'vitest';

import { listing, startChild, temporary, testStore } from './rig.ts';

/** strace shows what the kernel is asked for, makes it fail, and kills the asker, at exactly the n-th call. */
const strace = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;

interface Run {
  readonly kept: readonly Digest[];
  readonly failed: readonly { readonly code?: string; readonly errno?: number; readonly path?: string }[];
  /** Whether it ran to its end. */
  readonly whole: boolean;
}

/** Publishes one tree of `files` files and one blob. */
async function publish(root: string, files: number, ...options: readonly string[]): Promise<Run> {
  const under = ['env', 'UV_THREADPOOL_SIZE=1', 'strace', '-f', '-qq', ...options];
  const child = startChild('publisher.ts', { root, numbers: [1], files }, options.length === 0 ? [] : under);
  const kept: Digest[] = [];
  const failed: Run['failed'][number][] = [];
  child.process.stdin!.on('error', () => undefined).write('go\n');
  let lines = 0;
  for (let line = await child.next(); line !== undefined; line = await child.next()) {
    lines += 1;
    const [first, , digest] = line.split(' ');
    if (isDigest(digest)) kept.push(digest);
    if (first === 'failed') failed.push(JSON.parse(line.slice(line.indexOf('{'))) as Run['failed'][number]);
  }
  await child.ended;
  return { kept, failed, whole: lines === 3 };
}

describe.skipIf(!strace)('as strace sees it (skipped where it is not installed, or may not trace)', () => {
  test.each([4, 80])('bytes reach the disk, then the rename, then the directory; %i files', async (files) => {
    const root = join(temporary(), 'store');
    const log = join(temporary(), 'log');
    const { kept } = await publish(root, files, '-y', '-o', log, '-e', 'trace=fsync,syncfs,rename');
    const calls = readFileSync(log, 'utf8').split('\n');
    expect(kept).toHaveLength(2);
    for (const digest of kept) {
      const object = testStore(root).pathOf(digest);
      const renamed = calls.findIndex((call) => call.includes('rename(') && call.includes(`"${object}"`));
      const source = /rename\("([^"]+)"/.exec(calls[renamed]!)![1]!;
      const settled = calls.findIndex(
        (call) => call.includes('syncfs(') || (call.includes('fsync(') && call.includes(`<${source}`)),
      );
      const named = calls.findIndex(
        (call, index) => index > renamed && call.includes('fsync(') && call.includes(`<${dirname(object)}>`),
      );
      expect([settled, renamed, named]).toEqual([settled, renamed, named].toSorted((a, b) => a - b));
      expect(settled).toBeGreaterThan(-1);
    }
    const grouped = calls.filter((call) => call.includes('syncfs(')).length;
    expect(grouped).toBe(files > 64 ? 1 : 0);
  });

  test.each([[[]], [['sh']]])('a machine without `sync` flushes each file by itself; it has %j', async (programs) => {
    const [root, log, path] = [join(temporary(), 'store'), join(temporary(), 'log'), temporary()];
    for (const program of programs) symlinkSync(`/bin/${program}`, join(path, program));
    const { kept } = await publish(root, 80, '-E', `PATH=${path}`, '-o', log, '-e', 'trace=fsync,syncfs');
    const calls = readFileSync(log, 'utf8');
    expect([kept.length, calls.includes('syncfs(')]).toEqual([2, false]);
    expect(calls.match(/fsync\(/g)!.length).toBeGreaterThan(80);
  });

  test.each(['rename', 'fsync'])('killed at every %s: the next run has everything, and nothing wrong', async (call) => {
    const root = join(temporary(), 'store');
    const wanted = await publish(join(temporary(), 'store'), 80);
    let kills = 0;
    for (let whole = false; !whole; kills += 1) {
      const inject = `inject=${call}:signal=SIGKILL:when=${kills + 1}`;
      const run = await publish(`${root}-${kills}`, 80, '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject);
      const store = testStore(`${root}-${kills}`);
      for (const digest of run.kept) expect(await store.proves(digest, { rehash: true })).toBe(true);
      for (const digest of wanted.kept) expect(await store.proves(digest)).toBe(existsSync(store.pathOf(digest)));
      expect(store.warnings).toEqual([]);
      expect((await publish(store.root, 80)).kept).toEqual(wanted.kept);
      expect(listing(join(store.root, 'tmp'))).toEqual([]);
      whole = run.whole;
    }
    expect(kills).toBeGreaterThan(4);
  });

  test.each([
    ['fsync', 'EIO', { code: 'EIO' }],
    ['syncfs', 'EIO', { code: 'EIO' }],
    ['rename', 'ENOSPC', { code: 'ENOSPC' }],
    ['rename', 'EDQUOT', { errno: -122 }],
  ])(
    'a disk that answers every %s with %s: nothing is acknowledged, nothing is left, the fault names its path',
    async (call, code, fault) => {
      const root = join(temporary(), 'store');
      const inject = `inject=${call}:error=${code}`;
      const { kept, failed } = await publish(root, 80, '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject);
      expect(failed[0]).toMatchObject({ ...fault, path: expect.any(String) });
      for (const digest of kept) expect(await testStore(root).proves(digest, { rehash: true })).toBe(true);
      expect([kept.length + failed.length, listing(join(root, 'tmp'))]).toEqual([2, []]);
      const again = await publish(root, 80);
      expect([again.kept.length, again.failed]).toEqual([2, []]);
    },
  );
});
