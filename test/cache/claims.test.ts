import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Busy, openClaims } from '#cache';
import { expect, test, vi } from 'vitest';

import { hasty, leaseIn, leaseOfAnotherMachine, name, never, patient, startHolder } from './claiming.ts';
import { lay, listing, temporary } from './rig.ts';

/** Expects that a lease is neither believed nor taken over at once. */
async function expectWatched(directory: string): Promise<void> {
  const stop = new AbortController();
  const onWatch = (): void => stop.abort();
  const how = { signal: stop.signal, onWatch };
  await expect(patient(directory).tryHold(name, async () => 'work', how)).rejects.toMatchObject({ name: 'AbortError' });
}

test('hold() answers what the work answers, and leaves nothing behind', async () => {
  const directory = temporary();
  expect(await patient(directory).hold(name, async () => listing(directory).length)).toBeGreaterThan(1);
  expect(listing(directory)).toEqual(['tmp']);
});

test('work that fails gives its claim back, and its failure on', async () => {
  const directory = temporary();
  const failing = patient(directory).hold(name, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(listing(directory)).toEqual(['tmp']);
});

test('of all who want a claim at the same time one works at a time', async () => {
  const directory = temporary();
  let [working, most] = [0, 0];
  const work = async (): Promise<void> => {
    most = Math.max(most, (working += 1));
    await new Promise((resolve) => setImmediate(resolve));
    working -= 1;
  };
  await Promise.all(Array.from({ length: 12 }, () => patient(directory).hold(name, work)));
  expect([most, working]).toEqual([1, 0]);
});

test('claims of different names do not wait for each other', async () => {
  const claims = patient(temporary());
  expect(await claims.hold('one', () => claims.hold('two', async () => 'both'))).toBe('both');
});

test('a living holder is waited for, as long as it shows life', async () => {
  const directory = temporary();
  const holder = await startHolder(directory, 2);
  const order: string[] = [];
  // It would be taken over after 1250 looks without a heartbeat.
  const waiting = openClaims({ directory, lookMs: 2, standStillMs: 5000 }).hold(name, async () => order.push('waiter'));
  const beats = new Set<string>();
  await vi.waitUntil(() => beats.add(readdirSync(leaseIn(directory)).join()).size > 5, {
    interval: 1,
    timeout: 60_000,
  });
  order.push('holder');
  holder.process.stdin!.write('done\n');
  await waiting;
  expect(order).toEqual(['holder', 'waiter']);
});

test('a holder that was killed is replaced at once, whatever the patience', async () => {
  const directory = temporary();
  const holder = await startHolder(directory);
  const waiting = patient(directory).hold(name, async () => 'taken over');
  holder.process.kill('SIGKILL');
  expect(await waiting).toBe('taken over');
});

test('a holder that was killed, and whose parent takes no notice, is gone', async () => {
  const directory = temporary();
  await startHolder(directory, never, ['sh', '-c', 'exec 3<&0; "$@" <&3 & exec sleep infinity', 'sh']);
  const busy = await patient(directory).tryHold(name, async () => 'work');
  expect(busy.held).toBe(false);
  process.kill((busy as Busy).by.pid, 'SIGKILL');
  expect(await patient(directory).hold(name, async () => 'taken over')).toBe('taken over');
});

test('a pid that belongs to somebody else now is not the holder', async () => {
  const directory = temporary();
  const holder = await startHolder(directory);
  const [file] = readdirSync(leaseIn(directory));
  const path = join(leaseIn(directory), file!);
  const card = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...card, pid: process.pid }));
  holder.process.kill('SIGKILL');
  expect(await patient(directory).hold(name, async () => 'taken over')).toBe('taken over');
});

test('a holder of another machine is taken over when its counter has stood still', async () => {
  const directory = temporary();
  leaseOfAnotherMachine(directory);
  expect(await hasty(directory).hold(name, async () => 'taken over')).toBe('taken over');
  expect(listing(directory)).toEqual(['tmp']);
});

test('a holder of another container of this machine is not taken for gone', async () => {
  const directory = temporary();
  const holder = await startHolder(directory);
  const [file] = readdirSync(leaseIn(directory));
  const path = join(leaseIn(directory), file!);
  const card = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...card, space: '1' }));
  holder.process.kill('SIGKILL');
  await once(holder.process, 'exit');
  await expectWatched(directory);
  expect(await hasty(directory).hold(name, async () => 'taken over')).toBe('taken over');
});

test('a lease that nobody can read is taken over when it has stood still', async () => {
  const directory = temporary();
  lay(leaseIn(directory), { 'half-written': '{' });
  await expectWatched(directory);
  expect(await hasty(directory).hold(name, async () => 'taken over')).toBe('taken over');
});

test('a heartbeat between two looks starts the patience anew', async () => {
  const directory = temporary();
  const lease = leaseOfAnotherMachine(directory);
  let beats = 3;
  let ended = false;
  const waiting = openClaims({ directory, lookMs: 4, standStillMs: 200 }).hold(name, async () => beats);
  const heart = setInterval(() => {
    if (beats < 60) renameSync(`${lease}.${beats}`, `${lease}.${(beats += 1)}`);
    else ended = true;
  }, 5);
  expect([await waiting, ended]).toEqual([60, true]);
  clearInterval(heart);
});

test('of several who see a lease stand still one takes over', async () => {
  const directory = temporary();
  leaseOfAnotherMachine(directory);
  let [working, most] = [0, 0];
  const work = async (): Promise<void> => {
    most = Math.max(most, (working += 1));
    await new Promise((resolve) => setImmediate(resolve));
    working -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => hasty(directory).hold(name, work)));
  expect([most, working, listing(directory)]).toEqual([1, 0, ['tmp']]);
});

test('a holder whose lease was taken over harms nobody when it wakes', async () => {
  const directory = temporary();
  const holder = await startHolder(directory, 2);
  holder.process.kill('SIGSTOP');
  await hasty(directory).hold(name, async () => {
    const taken = readdirSync(leaseIn(directory));
    holder.process.kill('SIGCONT');
    holder.process.stdin!.write('done\n');
    expect(await holder.next()).toBe('released');
    expect(readdirSync(leaseIn(directory))).toEqual(taken);
  });
  expect(listing(directory)).toEqual(['tmp']);
});

test('waiting ends when the run is stopped', async () => {
  const directory = temporary();
  await startHolder(directory);
  const stop = new AbortController();
  const waiting = patient(directory).hold(name, async () => 'work', { signal: stop.signal });
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  await expect(patient(directory).hold('other', async () => 1, { signal: stop.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
});

test('a directory that vanishes in the middle is made again, and the work ends as if nothing was', async () => {
  const directory = temporary();
  const claims = openClaims({ directory, beatMs: 1 });
  const value = await claims.hold(name, async () => {
    rmSync(directory, { recursive: true });
    return claims.hold(name, async () => 'inner');
  });
  expect(value).toBe('inner');
});

test.each<[string, (directory: string) => string]>([
  ['under a file', (directory) => join(lay(directory, { file: '' }), 'file')],
  ['where the kernel lets nobody make one', () => '/sys/claims'],
])('where claims cannot be kept (%s) the work is done without, and that is said once', async (_, place) => {
  const warnings: string[] = [];
  const claims = openClaims({ directory: place(temporary()), warn: (text) => warnings.push(text) });
  expect(await claims.hold(name, async () => 1)).toBe(1);
  expect(await claims.tryHold(name, async () => 2)).toEqual({ held: true, value: 2 });
  expect(warnings).toEqual([expect.stringContaining('not claimed')]);
});

test.skipIf(process.getuid?.() === 0)(
  'in a directory without the right to write the work is done unclaimed',
  async () => {
    const directory = join(temporary(), 'claims');
    mkdirSync(directory);
    chmodSync(directory, 0o555);
    expect(await openClaims({ directory }).hold(name, async () => 1)).toBe(1);
  },
);
