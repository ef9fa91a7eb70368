import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { unplugged } from '../rig/unplugged.ts';
import { openDemo } from './rig.ts';
import { small } from './small.ts';

const on = small();

it.skipIf(unplugged === undefined)('--offline realizes a fresh target in a namespace without any network', async () => {
  const { bench } = on;
  const { exitCode, summary } = await bench.realize('small', ['--offline'], { under: unplugged! });
  expect(exitCode).toBe(0);
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(readFileSync(join(bench.target, 'custom_nodes/alpha/__init__.py'), 'utf8')).toBe('ALPHA = 1\n');
});

it.skipIf(unplugged === undefined)(
  'what is missing there is listed in full, once, for people and for programs',
  async () => {
    const { bench, pins } = on;
    // The records stay: what they speak of is not there.
    rmSync(join(bench.cache, 'store/blobs'), { recursive: true });
    rmSync(join(bench.cache, 'store/trees'), { recursive: true });
    rmSync(join(bench.cache, 'git'), { recursive: true });
    const { exitCode, summary } = await bench.realize('small', ['--offline'], { under: unplugged! });
    expect(exitCode).toBe(5);
    const sources = [...pins.models, ...pins.wheels].flatMap(
      ({ url, sources: all }) => [url ?? all].flat() as string[],
    );
    expect(summary.missing).toEqual(expect.arrayContaining(sources));
    expect(summary.missing).toHaveLength(1 + pins.nodes.length + pins.wheels.length + pins.models.length);
    const { stdout } = await bench.pipeline(['realize', 'small', '--target', bench.target, '--offline'], {
      under: unplugged!,
    });
    expect(stdout.match(/Not in the cache, and the network is not to be used/g)).toHaveLength(1);
    for (const source of sources) expect(stdout.split(source)).toHaveLength(2);
    expect(stdout.match(/hint: /g)).toHaveLength(1);
  },
);

it.skipIf(unplugged === undefined)('the demo needs no network, not even the first time', async () => {
  using demo = openDemo();
  const { exitCode, summary } = await demo.realize('demo', [], { under: unplugged! });
  expect(exitCode).toBe(0);
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
});
