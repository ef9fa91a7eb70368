import { statfsSync } from 'node:fs';
import { expect, it } from 'vitest';

import { small } from './small.ts';

const on = small();

it('models that do not fit together fail the run before the first byte, with how much is missing and where', async () => {
  const { bavail, bsize } = statfsSync(on.bench.cache);
  // Each of them would fit.
  const size = Math.floor((bavail * bsize * 3) / 4);
  const model = (n: number) => ({
    path: `unet/${n}.safetensors`,
    root: 'models',
    sources: [on.world.files.serve(`/models/${n}`, 'small after all')],
    sha256: String(n).repeat(64),
    size,
  });
  on.relock({ models: [model(1), model(2)] });
  const before = on.world.asked();
  const { exitCode, events, stdout } = await on.bench.realize('small');
  expect(exitCode).toBe(6);
  expect(on.world.asked()).toBe(before);
  const failed = events.find((event) => event.type === 'step.finished' && event.outcome === 'failed');
  expect(failed).toMatchObject({
    failure: {
      kind: 'disk',
      code: 'ENOSPC',
      path: `${on.bench.cache}/store/blobs`,
      hint: expect.stringMatching(
        /^[\d.]+ [GT]B are to be fetched, and [\d.]+ [GT]B are free there: free [\d.]+ [kMGT]B more/,
      ),
    },
  });
  expect(stdout).not.toContain('"stack"');
});

it('what is there already needs no room', async () => {
  await on.realize();
  on.relock({ models: on.pins.models.map((model, n) => ({ ...model, path: `moved/${n}.safetensors` })) });
  const { summary } = await on.realize();
  expect(summary.bytes_fetched).toBe(0);
});
