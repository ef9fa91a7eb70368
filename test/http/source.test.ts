import { Failed } from '#engine';
import { expect, test } from 'vitest';

import { type Endpoints, localPath, locate, withClaim } from '../../tasks/tools/http/source.ts';

const endpoints: Endpoints = { huggingFace: 'https://huggingface.co', civitai: 'https://civitai.com' };

test.each([
  ['https://example.org/a%20b.bin?x=1', 'https://example.org/a%20b.bin?x=1', undefined],
  ['http://example.org/a.bin', 'http://example.org/a.bin', undefined],
  ['https://huggingface.co/o/r/resolve/main/a.bin', 'https://huggingface.co/o/r/resolve/main/a.bin', 'huggingFace'],
  ['http://huggingface.co/o/r/resolve/main/a.bin', 'http://huggingface.co/o/r/resolve/main/a.bin', undefined],
  ['https://huggingface.co.evil.org/a.bin', 'https://huggingface.co.evil.org/a.bin', undefined],
  ['https://civitai.com/api/download/models/7', 'https://civitai.com/api/download/models/7', 'civitai'],
  [
    'hf://Wan-AI/Wan2.2-VAE/x.safetensors',
    'https://huggingface.co/Wan-AI/Wan2.2-VAE/resolve/main/x.safetensors',
    'huggingFace',
  ],
  ['huggingface://o/r/a/b.bin', 'https://huggingface.co/o/r/resolve/main/a/b.bin', 'huggingFace'],
  ['HF://o/r@v1.0/a.bin', 'https://huggingface.co/o/r/resolve/v1.0/a.bin', 'huggingFace'],
  ['hf://o/r/a.bin?rev=dev', 'https://huggingface.co/o/r/resolve/dev/a.bin', 'huggingFace'],
  ['hf://o/r/a.bin?revision=refs/pr/3', 'https://huggingface.co/o/r/resolve/refs%2Fpr%2F3/a.bin', 'huggingFace'],
  ['hf://o/r@one/a.bin?rev=two', 'https://huggingface.co/o/r/resolve/one/a.bin', 'huggingFace'],
  ['hf://o/r@refs%2Fpr%2F3/a.bin', 'https://huggingface.co/o/r/resolve/refs%2Fpr%2F3/a.bin', 'huggingFace'],
  ['hf://o/r/a b#1.bin?download=true', 'https://huggingface.co/o/r/resolve/main/a%20b%231.bin', 'huggingFace'],
  ['hf://o/r/a%20b.bin', 'https://huggingface.co/o/r/resolve/main/a%20b.bin', 'huggingFace'],
  ['civitai://models/123', 'https://civitai.com/api/download/models/123', 'civitai'],
  [
    'civitai://api/download/models/123?type=Model&format=SafeTensor',
    'https://civitai.com/api/download/models/123?type=Model&format=SafeTensor',
    'civitai',
  ],
  ['hf://datasets/o/r@v1/a/b.bin', 'https://huggingface.co/datasets/o/r/resolve/v1/a/b.bin', 'huggingFace'],
  ['hf://spaces/o/r/a.bin?rev=dev', 'https://huggingface.co/spaces/o/r/resolve/dev/a.bin', 'huggingFace'],
  ['gs://bucket/a b/c%20d.bin', 'https://storage.googleapis.com/bucket/a%20b/c%2520d.bin', 'cloudStorage'],
  ['https://storage.googleapis.com/bucket/a.bin', 'https://storage.googleapis.com/bucket/a.bin', 'cloudStorage'],
  ['file:///srv/a%20b.bin', 'file:///srv/a%20b.bin', undefined],
  ['/srv/a b.bin', 'file:///srv/a%20b.bin', undefined],
])('locate() reads %s', (source, url, auth) => {
  const located = locate(source, endpoints);
  expect([located.url.href, located.auth]).toEqual([url, auth]);
});

test('locate() keeps the path of an endpoint that is a mirror', () => {
  const mirrored = { ...endpoints, huggingFace: 'https://mirror.example.org/hf/' };
  expect(locate('hf://o/r/a.bin', mirrored).url.href).toBe('https://mirror.example.org/hf/o/r/resolve/main/a.bin');
  expect(locate('https://huggingface.co/o/r/resolve/main/a.bin', mirrored).auth).toBeUndefined();
});

test.each([
  'hf://o/r',
  'hf://o/r/',
  'hf://o/../a.bin',
  'hf://o/r/a/../../b.bin',
  'hf://o/r/%2e%2e/b.bin',
  'hf://o/r/a%2F..%2Fb.bin',
  'hf://o/r@../a.bin',
  'hf://o/r/a.bin?rev=../../x',
  'civitai://models/abc',
  'civitai://models/1/2',
  'civitai://users/1',
  'hf://datasets/o/r',
  'hf://datasets/o/../a.bin',
  'gs://bucket',
  'gs://bucket/',
  'gs://bucket/a/../b.bin',
  'gs://bucket/a*.bin',
  'gs://bucket/a.bin#17',
  'gs://-o/a.bin',
  'gs://../a.bin',
  'ftp://example.org/a.bin',
  'https://[nowhere/a.bin',
])('locate() refuses %s', (source) => {
  expect(() => locate(source, endpoints)).toThrow(Failed);
});

const seen = (source: string): unknown => {
  try {
    return locate(source, endpoints);
  } catch (error) {
    return error instanceof Failed ? error.failure : error;
  }
};

test('locate() finds buckets where somebody runs them himself', () => {
  const own = { ...endpoints, cloudStorage: 'http://127.0.0.1:4443/storage/' };
  expect(locate('gs://bucket/a.bin', own)).toMatchObject({ bucket: 'gs://bucket/a.bin', auth: 'cloudStorage' });
  expect(locate('gs://bucket/a.bin', own).url.href).toBe('http://127.0.0.1:4443/storage/bucket/a.bin');
});

test('locate() says how to write what it refuses, and shows no query of it', () => {
  expect(seen('gs://bucket/a*.bin')).toMatchObject({ kind: 'refused', hint: expect.stringContaining('without *') });
  expect(JSON.stringify(seen('civitai://users/1?token=canary'))).not.toContain('canary');
});

test('localPath() is only for files of this machine', () => {
  expect(localPath(new URL('file:///srv/a%20b.bin'))).toBe('/srv/a b.bin');
  expect(localPath(new URL('https://example.org/a'))).toBeUndefined();
  expect(() => localPath(new URL('file://other-host/srv/a.bin'))).toThrow(/names no file of this machine/);
});

test('withClaim() gives a service its own token, trimmed, and prefers a user name in the address', () => {
  const tokens = { huggingFace: ' hf-token\n', civitai: 'civitai-token' };
  const claimOf = (source: string): string | undefined =>
    withClaim(locate(source, endpoints), tokens).credentials['authorization'];
  expect(claimOf('hf://o/r/a.bin')).toBe('Bearer hf-token');
  expect(claimOf('https://civitai.com/api/download/models/1')).toBe('Bearer civitai-token');
  expect(claimOf('https://example.org/a.bin')).toBeUndefined();
  expect(claimOf('https://ann:p%40ss@example.org/a.bin')).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`);
  expect(withClaim(locate('https://ann:x@example.org/a', endpoints), tokens).url.href).toBe('https://example.org/a');
});
