import { afterAll, afterEach, describe, expect, test } from 'vitest';

import type { Cargo } from '#cache';

import { openS3Carrier } from '../../tasks/tools/remote/s3-carrier.ts';
import { startS3 } from '../rig/s3-server.ts';
import { contentsOf } from './crash-rig.ts';
import { madeAnew, told } from './remote-rig.ts';
import { type Bench, type Ended, openDemo } from './rig.ts';
import { changedPaths } from './tree.ts';

const s3 = await startS3();
afterAll(() => s3?.[Symbol.asyncDispose]());

const benches: Bench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench[Symbol.dispose]();
});

function machine(): Bench {
  const bench = openDemo();
  benches.push(bench);
  return bench;
}

const realize = (bench: Bench, url: string, variables: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  bench.realize('demo', [], { env: { ...s3!.variables, PIPELINE_REMOTE_CACHE: url, ...variables } });

const signal = new AbortController().signal;
const ignore = { head: () => {}, data: () => {} };
const cargoOf = (bytes: Buffer): Cargo => ({ size: bytes.length, open: (start, end) => [bytes.subarray(start, end)] });

/** A bucket whose files go in parts of 5 MiB: no service takes smaller ones. */
function inParts(prefix: string) {
  const { AWS_ENDPOINT_URL_S3: endpoint = '', AWS_REGION: region = '', ...keys } = s3!.variables;
  const [id, secret] = [keys['AWS_ACCESS_KEY_ID']!, keys['AWS_SECRET_ACCESS_KEY']!];
  return openS3Carrier({
    endpoint,
    region,
    bucket: 'bucket',
    prefix,
    keys: { id, secret },
    partBytes: 5 * 1024 * 1024,
  });
}

describe.skipIf(s3 === undefined)('with a server of S3 (skipped where neither versitygw nor moto can be had)', () => {
  for (const url of ['s3://bucket', 's3://bucket/team/builds of%20main/'])
    test(`${url} carries what a machine made to another one`, async () => {
      const [a, b] = [machine(), machine()];
      const first = await realize(a, url);
      expect(first.summary).toMatchObject({ ok: true, cached: 0 });
      expect(first.notes).toContainEqual(expect.stringMatching(/^To the remote cache at s3:\/\/bucket.*: 14 results$/));
      const ended = await realize(b, url);
      expect(ended.summary).toMatchObject({ ok: true });
      expect(madeAnew(ended)).toEqual([]);
      expect(changedPaths(contentsOf(b.target), contentsOf(a.target))).toEqual([]);
    });

  test.skipIf(s3?.verifies !== true)('whose keys are wrong gets nothing, and is told once each way', async () => {
    const ended = await realize(machine(), 's3://bucket/closed', { AWS_SECRET_ACCESS_KEY: 'wrong' });
    expect(ended.summary).toMatchObject({ ok: true, cached: 0 });
    expect(told(ended).filter((text) => text.endsWith('any more in this run: it answers 403'))).toHaveLength(2);
  });

  test('a file beyond the size of a part goes in parts, and comes back whole', async () => {
    const carrier = inParts('parts');
    const bytes = Buffer.alloc(12 * 1024 * 1024, 'part ');
    expect(await carrier.put('cas/x', cargoOf(bytes), signal)).toMatchObject({ status: 200 });
    expect(await carrier.head('cas/x', signal)).toMatchObject({ status: 200, size: bytes.length });
    const chunks: Uint8Array[] = [];
    await carrier.get('cas/x', { head: () => {}, data: (chunk) => void chunks.push(chunk) }, signal);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test('what breaks between two parts is not there', async () => {
    const carrier = inParts('broken');
    const bytes = Buffer.alloc(12 * 1024 * 1024, 'part ');
    const open: Cargo['open'] = (start, end) => {
      if (start > 0) throw new Error('the disk');
      return [bytes.subarray(start, end)];
    };
    await expect(carrier.put('cas/x', { size: bytes.length, open }, signal)).rejects.toThrow('the disk');
    expect(await carrier.get('cas/x', ignore, signal)).toMatchObject({ status: 404 });
  });

  test('files may be empty', async () => {
    const carrier = inParts('empty');
    expect(await carrier.put('cas/x', cargoOf(Buffer.alloc(0)), signal)).toMatchObject({ status: 200 });
    expect(await carrier.head('cas/x', signal)).toMatchObject({ status: 200, size: 0 });
  });
});
