import { expect, test } from 'vitest';

import { forSteps, remoteIn } from '../../pipelines/cli/remote-settings.ts';

const url = 'https://cache.example/comfy';
const environment = { PIPELINE_REMOTE_CACHE: url, PIPELINE_REMOTE_CACHE_TOKEN: 'a-token', HF_TOKEN: 'hf_something' };

test('a remote is used where one is named, and never offline', () => {
  expect(remoteIn({}, {}, false)).toBeUndefined();
  expect(remoteIn({ PIPELINE_REMOTE_CACHE: '' }, {}, false)).toBeUndefined();
  expect(remoteIn(environment, {}, true)).toBeUndefined();
  const settings = remoteIn(environment, {}, false);
  expect(settings).toMatchObject({ mode: 'read-write', login: { token: 'a-token' }, waitMs: 300_000 });
  expect(settings?.url.href).toBe(url);
  expect(settings?.secrets).toEqual(['a-token', 'hf_something'].filter((secret) => secret.length > 7));
});

test('flags come before variables', () => {
  const variables = { ...environment, PIPELINE_REMOTE_CACHE_MODE: 'read', PIPELINE_REMOTE_CACHE_WAIT: '5' };
  expect(remoteIn(variables, {}, false)).toMatchObject({ mode: 'read', waitMs: 5000 });
  const flags = { 'remote-cache': 's3://bucket/x', 'remote-cache-mode': 'read-write' } as const;
  const settings = remoteIn(variables, flags, false);
  expect([settings?.url.href, settings?.mode]).toEqual(['s3://bucket/x', 'read-write']);
});

test.for([
  { PIPELINE_REMOTE_CACHE: 'cache.example' },
  { PIPELINE_REMOTE_CACHE: 'file:///srv/cache' },
  { PIPELINE_REMOTE_CACHE: 'https://me:hunter2@cache.example' },
  { PIPELINE_REMOTE_CACHE: 'https://cache.example/?key=hunter2' },
  { PIPELINE_REMOTE_CACHE: 's3://' },
  { PIPELINE_REMOTE_CACHE: url, PIPELINE_REMOTE_CACHE_MODE: 'write' },
  { PIPELINE_REMOTE_CACHE: url, PIPELINE_REMOTE_CACHE_WAIT: 'long' },
])('%j is told as a mistake, without what may be a secret', (variables) => {
  expect(() => remoteIn(variables, {}, false)).toThrow(/^(?:The address|PIPELINE_REMOTE_CACHE_)(?!.*hunter2)/);
});

test('steps see where the remote is, and nothing that opens it or signs for it', () => {
  const names = ['', '_TOKEN', '_USER', '_PASSWORD', '_SIGNING_KEY', '_TRUSTED_KEYS', '_MODE'];
  const variables = Object.fromEntries(names.map((name) => [`PIPELINE_REMOTE_CACHE${name}`, 'x']));
  expect(Object.keys(forSteps({ ...variables, PATH: '/bin' }))).toEqual([
    'PIPELINE_REMOTE_CACHE',
    'PIPELINE_REMOTE_CACHE_TRUSTED_KEYS',
    'PIPELINE_REMOTE_CACHE_MODE',
    'PATH',
  ]);
});
