import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readPng } from '../demo/png.ts';
import { startBucketServer, tokenOfAccount } from '../rig/bucket-server.ts';
import { processesOf } from './processes.ts';
import { type Bench, openDemo } from './rig.ts';
import { eventsIn, resultsIn, writeWorkflows } from './running.ts';

let bench: Bench;
beforeAll(async () => {
  bench = openDemo();
  expect((await bench.realize('demo')).summary.ok).toBe(true);
  writeWorkflows(bench);
});
afterAll(() => bench[Symbol.dispose]());

const handlerOf = (...more: readonly string[]) => [
  'run-handler',
  'demo',
  '--no-realize',
  '--target',
  bench.target,
  ...more,
];
/** The color of a picture's first pixel. */
const colorOf = (bytes: Buffer) => [...readPng(bytes).pixels.subarray(0, 3)];

describe('Google Cloud Storage', () => {
  it('takes the outputs, with a login, and tells where they are', async () => {
    await using server = await startBucketServer();
    const key = bench.at('key.json');
    writeFileSync(key, JSON.stringify(server.key));
    server.next({ status: 503, body: {}, headers: { 'retry-after': '0' } });
    const env = { STORAGE_EMULATOR_HOST: server.origin, GOOGLE_APPLICATION_CREDENTIALS: key };
    const to = ['--gcs-bucket', 'pictures', '--gcs-prefix', '/runs/', '--gcs-signed-url', '60'];
    const { exitCode, stdout, stderr } = await bench.pipeline(handlerOf('--json', '--workflow', 'small.json', ...to), {
      env,
    });
    expect(exitCode).toBe(0);
    const [output, ...others] = resultsIn(stdout)[0]!.outputs;
    expect(others).toEqual([]);
    const [[name, object], ...more] = [...server.objects] as [
      [string, { bytes: Buffer; type: string; authorization: string }],
    ];
    expect(more).toEqual([]);
    expect(name).toMatch(/^pictures\/runs\/\d{8}T\d{6}Z-[\da-f]{8}\/small_\d+_\.png$/);
    expect(colorOf(object.bytes)).toEqual([0, 0, 255]);
    expect(object).toMatchObject({ type: 'image/png', authorization: `Bearer ${tokenOfAccount}` });
    expect(output).toMatchObject({
      gcs_path: `gs://${name}`,
      url: `${server.origin}/${name}`,
      size: object.bytes.length,
    });
    expect(String(output!['signed_url'])).toMatch(new RegExp(`^${server.origin}/${name}\\?.*X-Goog-Expires=60&`));
    expect(eventsIn(stderr).filter(({ type }) => type === 'step.retried')).toMatchObject([
      { attempt: 2, failure: { status: 503 } },
    ]);
    expect(stdout + stderr).not.toContain(tokenOfAccount);
  });

  it('that refuses is a failure with what to do, and no server is left', async () => {
    await using server = await startBucketServer();
    server.next({ status: 403, body: { error: { message: 'not yours' } } });
    const env = { STORAGE_EMULATOR_HOST: server.origin, GCS_BUCKET: 'pictures' };
    const { exitCode, stdout, stderr } = await bench.pipeline(
      handlerOf('--workflow', 'small.json', '--output', 'gcs'),
      { env },
    );
    expect([exitCode, stdout]).toEqual([5, '']);
    expect(stderr).toMatch(/answered 403: not yours\n.*hint: .*storage\.objects\.create on pictures/);
    expect(processesOf(bench.directory)).toEqual([]);
  });

  it('is never chosen by the version: it may be by somebody else', async () => {
    await using server = await startBucketServer();
    await using mine = await startBucketServer();
    const version = JSON.parse(readFileSync(join(bench.project, 'versions/demo.json'), 'utf8')) as { env: object };
    bench.write({
      'versions/evil.json': {
        ...version,
        version_id: 'evil',
        env: { ...version.env, STORAGE_EMULATOR_HOST: server.origin },
      },
    });
    const args = handlerOf('--workflow', 'small.json', '--gcs-bucket', 'pictures').with(1, 'evil');
    const env = { STORAGE_EMULATOR_HOST: mine.origin };
    expect((await bench.pipeline(args, { env })).exitCode).toBe(0);
    expect([server.requests.length, mine.objects.size]).toEqual([0, 1]);
  });
});
