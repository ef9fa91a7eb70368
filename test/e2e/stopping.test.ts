import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { openGate } from './gate.ts';
import { canLook, processesOf } from './processes.ts';
import { openBench } from './rig.ts';
import { small } from './small.ts';
import { listing, targetListing } from './tree.ts';
import { lockOf, openWorld, smallEnvironment } from './world.ts';

const on = small();

const body = Buffer.alloc(400_000, 'held');
const held = (url: string) => ({
  path: 'vae/held.safetensors',
  root: 'models',
  sources: [url],
  sha256: hash('sha256', body),
  size: body.length,
});

it('a second process on the same target is told who is there, with exit code 7', async () => {
  await using gate = await openGate(body);
  await on.realize();
  on.relock({ models: [held(gate.url)] });
  const first = on.bench.start(['realize', 'small', '--target', on.bench.target, '--json']);
  await gate.asked;
  const before = listing(on.bench.target);
  const second = await on.bench.realize('small');
  expect(second.exitCode).toBe(7);
  expect(second.stderr).toContain(on.bench.target);
  expect(second.stderr).toContain(`process ${first.child.pid}`);
  expect(second.stderr).toMatch(/^hint: /m);
  expect(second.events.filter(({ type }) => type === 'step.started')).toEqual([]);
  expect(listing(on.bench.target)).toEqual(before);
  gate.open();
  expect((await first.ended).summary.ok).toBe(true);
  expect((await on.realize()).built).toEqual([]);
});

it('two processes on two targets with one cache both go well, and fetch what they share once', async () => {
  await using gate = await openGate(body);
  on.relock({ models: [held(gate.url)] });
  const start = (name: string) => on.bench.start(['realize', 'small', '--target', on.bench.at(name), '--json']).ended;
  const both = ['one', 'two'].map(start);
  await gate.asked;
  gate.open();
  const ended = await Promise.all(both);
  expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(ended.reduce((sum, { summary }) => sum + summary.bytes_fetched, 0)).toBe(body.length);
  for (const name of ['one', 'two'])
    expect(readFileSync(on.bench.at(name, 'models/vae/held.safetensors')).equals(body)).toBe(true);
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s in the middle of a download: exit code %i, no child left, the target unchanged, and the next run completes',
  async (signal, code) => {
    await using gate = await openGate(body);
    await on.realize();
    const before = targetListing(on.bench.target);
    on.relock({ models: [held(gate.url)], nodes: on.nodesBut('alpha') });
    const { child, ended } = on.bench.start(['realize', 'small', '--target', on.bench.target, '--json']);
    await gate.asked;
    child.kill(signal);
    const { exitCode, summary } = await ended;
    expect(exitCode).toBe(code);
    expect(summary).toMatchObject({ ok: false, failed: 0, exit_code: code });
    expect(processesOf(on.bench.directory)).toEqual([]);
    expect(targetListing(on.bench.target)).toEqual(before);
    gate.open();
    expect((await on.realize()).built).toContain('fetch-model vae/held.safetensors');
    expect(readFileSync(join(on.bench.target, 'models/vae/held.safetensors')).equals(body)).toBe(true);
  },
);

it.skipIf(!canLook)(
  'SIGINT in the middle of a clone ends git as well',
  async () => {
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    await using world = await openWorld({
      intercept({ service, repository }) {
        if (service !== 'upload-pack' || repository !== 'alpha') return false;
        resolve();
        return true;
      },
    });
    using bench = openBench();
    bench.lock('small', lockOf(await smallEnvironment(world)));
    const { child, ended } = bench.start(['realize', 'small', '--target', bench.target, '--json']);
    await reached;
    expect(processesOf(bench.directory).filter((argv) => /\bgit\b.* fetch\b/.test(argv)).length).toBeGreaterThan(0);
    child.kill('SIGINT');
    expect((await ended).exitCode).toBe(130);
    expect(processesOf(bench.directory)).toEqual([]);
  },
  30_000,
);

it('a run that was killed leaves nothing in the way of the next one', async () => {
  await using gate = await openGate(body);
  await on.realize();
  const before = targetListing(on.bench.target);
  on.relock({ models: [held(gate.url)] });
  const { child, ended } = on.bench.start(['realize', 'small', '--target', on.bench.target, '--json']);
  await gate.asked;
  child.kill('SIGKILL');
  await ended;
  expect(targetListing(on.bench.target)).toEqual(before);
  gate.open();
  await on.realize();
  expect(readFileSync(join(on.bench.target, 'models/vae/held.safetensors')).equals(body)).toBe(true);
});
