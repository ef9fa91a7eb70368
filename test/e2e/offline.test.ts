import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { small } from './small.ts';

const on = small();

it('--offline after one online realize works on a fresh target', async () => {
  const asked = on.world.asked();
  const { summary, built } = await on.realize(['--offline']);
  expect(summary.bytes_fetched).toBe(0);
  expect(built).toContain('place-core');
  expect(built.filter((name) => name.startsWith('fetch-'))).toEqual([]);
  expect(on.world.asked()).toBe(asked);
  expect(readFileSync(on.bench.at('target/custom_nodes/alpha/__init__.py'), 'utf8')).toBe('ALPHA = 1\n');
});

it.each([['--offline'], ['COMFY_OFFLINE=1']])(
  '%s with things missing lists all of them, with exit code 5, and makes nothing',
  async (way) => {
    const { world, pins, bench } = on;
    const asked = world.asked();
    const node = await world.node('missing-node', { '__init__.py': '' });
    const pack = world.pack('missing-pack', '1.0.0', { '__init__.py': '' });
    const wheel = world.wheel({ name: 'missing_wheel', files: { 'missing.py': '' } });
    const model = world.model('vae/missing.safetensors', 'missing');
    on.relock({
      nodes: [...pins.nodes, node, pack],
      wheels: [...pins.wheels, wheel],
      models: [...pins.models, model],
    });
    const flags = way === '--offline' ? [way] : [];
    const { exitCode, events, stderr } = await bench.realize('small', flags, {
      env: way === '--offline' ? {} : { COMFY_OFFLINE: '1' },
    });
    expect(exitCode).toBe(5);
    const failures = events.flatMap((event) =>
      event.type === 'step.finished' && event.outcome === 'failed' ? [event.failure] : [],
    );
    const missing =
      failures.flatMap((failure) => (failure.kind === 'offline' ? failure.missing : [])).join('\n') + stderr;
    expect(missing).toContain(node['repo']);
    for (const { url } of [pack, wheel]) expect(missing).toContain(url);
    expect(missing).toContain((model['sources'] as readonly string[])[0]);
    expect(world.asked()).toBe(asked);
  },
);
