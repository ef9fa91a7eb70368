import { hash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';

import { servePartsOf } from '../rig/part-server.ts';
import { small } from './small.ts';

const on = small();

const mib = 1024 ** 2;
const path = 'unet/large.safetensors';
const body = randomBytes(48 * mib);
const model = (url: string) => ({
  path,
  root: 'models',
  sources: [url],
  sha256: hash('sha256', body),
  size: body.length,
});
const placed = (): Buffer => readFileSync(join(on.bench.target, 'models', path));
const partials = (): readonly string[] => {
  const directory = join(on.bench.cache, 'partial');
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.json')) : [];
};

it.each([
  ['SIGKILL', null],
  ['SIGINT', 130],
] as const)('%s in the middle of a model: the next run fetches the rest of it', async (signal, code) => {
  await using server = await servePartsOf(body, { holds: true });
  on.relock({ models: [model(server.url)] });
  const { child, ended } = on.bench.start(['realize', 'small', '--target', on.bench.target, '--json']);
  await vi.waitFor(() => expect(partials()).toHaveLength(1), { timeout: 60_000, interval: 20 });
  child.kill(signal);
  expect((await ended).exitCode).toBe(code);
  const n = server.asked.length;
  server.change(body, {});
  const { summary } = await on.realize();
  expect(summary.bytes_fetched).toBeGreaterThan(0);
  expect(summary.bytes_fetched).toBeLessThan(body.length);
  expect(server.asked.slice(n).reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(body.length);
  expect(placed().equals(body)).toBe(true);
  expect(readdirSync(join(on.bench.cache, 'partial'))).toEqual([]);
});

it('when the first source is down, the others are asked, and all are told of when none has it', async () => {
  await using server = await servePartsOf(body, {});
  const [gone, dead] = [on.world.files.origin, 'http://127.0.0.1:9'].map((origin) => `${origin}/not-here.bin`);
  on.relock({ models: [{ ...model(server.url), sources: [gone, dead, server.url] }] });
  expect((await on.realize()).summary.bytes_fetched).toBe(body.length);
  expect(placed().equals(body)).toBe(true);
  on.relock({ models: [{ ...model(gone!), sha256: hash('sha256', 'other'), sources: [gone, `${gone}.too`] }] });
  const { failed } = await on.bench.realize('small');
  expect(failed).toMatchObject({
    failure: {
      url: `${gone}.too`,
      problem: expect.stringContaining(`also: ${gone}: It is not there (404)`),
      status: 404,
    },
  });
});
