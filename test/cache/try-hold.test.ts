import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';

import { type Holder, sha256Of } from '#cache';

import { hasty, leaseOfAnotherMachine, name, patient, startHolder } from './claiming.ts';
import { listing, temporary } from './rig.ts';

test('tryHold() answers at once who holds it', async () => {
  const directory = temporary();
  const holder = await startHolder(directory);
  const busy = await patient(directory).tryHold(name, async () => 'work');
  expect(busy).toEqual({
    held: false,
    by: { host: hostname(), pid: holder.process.pid, since: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string },
  });
});

test('tryHold() works when nobody holds it, or only a dead process', async () => {
  const directory = temporary();
  expect(await patient(directory).tryHold(name, async () => 1)).toEqual({ held: true, value: 1 });
  const holder = await startHolder(directory);
  holder.process.kill('SIGKILL');
  await once(holder.process, 'exit');
  expect(await patient(directory).tryHold(name, async () => 2)).toEqual({ held: true, value: 2 });
});

test('tryHold() ends what dead processes held, whatever it was, and nothing else', async () => {
  const directory = temporary();
  const [dead, living] = [await startHolder(directory), await startHolder(directory, undefined, [], 'of another step')];
  const held = listing(directory).filter((path) => path.endsWith('.0'));
  expect(held).toHaveLength(2);
  dead.process.kill('SIGKILL');
  await once(dead.process, 'exit');
  expect(await patient(directory).tryHold('a third one', async () => 3)).toEqual({ held: true, value: 3 });
  expect(listing(directory).filter((path) => path.endsWith('.0'))).toEqual([
    expect.stringContaining(sha256Of('of another step')),
  ]);
  living.process.kill('SIGKILL');
});

test('tryHold() answers that another machine holds it as soon as that shows life', async () => {
  const directory = temporary();
  const lease = leaseOfAnotherMachine(directory);
  const told: string[] = [];
  const onWatch = ({ host }: Holder): void => {
    told.push(host);
    renameSync(`${lease}.3`, `${lease}.4`);
  };
  const busy = await patient(directory).tryHold(name, async () => 'work', { onWatch });
  expect([busy, told]).toEqual([
    { held: false, by: { host: 'pod-7', pid: 1, since: '2026-11-20T12:00:00Z' } },
    ['pod-7'],
  ]);
});

test('tryHold() takes over what a machine has left that shows no life any more', async () => {
  const directory = temporary();
  leaseOfAnotherMachine(directory);
  expect(await hasty(directory).tryHold(name, async () => 'taken over')).toEqual({ held: true, value: 'taken over' });
  expect(listing(directory)).toEqual(['tmp']);
});
