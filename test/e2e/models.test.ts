import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { listedFile, serveLarge, serveModelVersion, serveSmall } from '../rig/model-services.ts';
import { modelBench, pinOf } from './model-bench.ts';

const on = modelBench();
const [first, second] = ['a1b2c3d4'.repeat(5), 'e5f6a7b8'.repeat(5)];

it('a file of Hugging Face is pinned without its bytes, and realized at the commit it was pinned at', async () => {
  const [old, fresh] = [randomBytes(100_000), randomBytes(100_000)];
  const file = { repository: 'org/repo', path: 'vae/a.safetensors' };
  serveLarge(on.hub, on.cdn, { ...file, body: old, commit: first, token: 'canary-hf-token' });
  on.ask({ 'vae/a.safetensors': 'hf://org/repo/vae/a.safetensors' });
  const { summary } = await on.validate();
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(on.cdn.asked).toEqual([]);
  expect(on.locked()['vae/a.safetensors']).toEqual({
    path: 'vae/a.safetensors',
    root: 'models',
    sources: [`hf://org/repo@${first}/vae/a.safetensors`, 'hf://org/repo/vae/a.safetensors'],
    ...pinOf(old),
  });
  serveLarge(on.hub, on.cdn, { ...file, body: fresh, commit: second, token: 'canary-hf-token' });
  expect((await on.realize()).summary).toMatchObject({ ok: true, bytes_fetched: old.length });
  expect(on.placed('vae/a.safetensors').equals(old)).toBe(true);
  expect(on.hub.asked.at(-1)?.headers.authorization).toBe('Bearer canary-hf-token');
  expect(on.cdn.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  expect(on.lockText()).not.toContain('canary');
});

it('what a service sends besides its hash is not believed: other bytes are refused', async () => {
  const body = randomBytes(50_000);
  serveLarge(on.hub, on.cdn, { repository: 'org/repo', path: 'a.bin', body, commit: first });
  on.ask({ 'a.bin': 'hf://org/repo/a.bin' });
  expect((await on.validate()).exitCode).toBe(0);
  on.cdn.serve(`/repos/${pinOf(body).sha256}`, randomBytes(50_000));
  const { exitCode, failed } = await on.realize();
  expect(exitCode).toBe(4);
  expect(failed).toMatchObject({ task: 'fetch-model', failure: { kind: 'integrity' } });
});

it('a lock never changes by itself: --update moves the models it names, and nothing else', async () => {
  const bodies = [1, 2, 3, 4].map((seed) => Buffer.alloc(10_000, seed));
  const serve = (path: string, body: Buffer, commit: string): void =>
    serveLarge(on.hub, on.cdn, { repository: 'org/repo', path, body, commit });
  serve('a.bin', bodies[0]!, first);
  serve('b.bin', bodies[1]!, first);
  on.ask({ 'x/a.bin': 'hf://org/repo/a.bin', 'x/b.bin': 'hf://org/repo/b.bin' });
  await on.validate();
  const before = { text: on.lockText(), models: on.locked(), asked: on.hub.asked.length };
  serve('a.bin', bodies[2]!, second);
  serve('b.bin', bodies[3]!, second);
  expect((await on.validate()).summary.ok).toBe(true);
  expect(on.lockText()).toBe(before.text);
  expect(on.hub.asked).toHaveLength(before.asked);
  expect((await on.validate(['--update', 'b.bin'])).summary.ok).toBe(true);
  const sources = [`hf://org/repo@${second}/b.bin`, 'hf://org/repo/b.bin'];
  expect(on.locked()).toEqual({
    'x/a.bin': before.models['x/a.bin'],
    'x/b.bin': { path: 'x/b.bin', root: 'models', sources, ...pinOf(bodies[3]!) },
  });
});

it('a model keeps its pin under another spelling of its source, and with one more mirror', async () => {
  const body = randomBytes(1_000);
  serveLarge(on.hub, on.cdn, { repository: 'datasets/org/set', path: 'a.bin', body, commit: first });
  on.ask({ 'a.bin': 'hf://datasets/org/set/a.bin' });
  await on.validate();
  const asked = on.hub.asked.length;
  on.ask({ 'a.bin': 'https://huggingface.co/datasets/org/set/resolve/main/a.bin?download=true' });
  expect((await on.validate()).summary.ok).toBe(true);
  expect(on.hub.asked).toHaveLength(asked);
  expect(on.locked()['a.bin']).toMatchObject({
    ...pinOf(body),
    sources: [`hf://datasets/org/set@${first}/a.bin`, expect.any(String)],
  });
  serveLarge(on.hub, on.cdn, {
    repository: 'datasets/org/set',
    path: 'a.bin',
    body: Buffer.from('v1'),
    commit: second,
    revision: 'v1',
  });
  on.ask({ 'a.bin': 'hf://datasets/org/set@v1/a.bin' });
  expect((await on.validate()).summary.ok).toBe(true);
  expect(on.locked()['a.bin']).toMatchObject({
    ...pinOf(Buffer.from('v1')),
    sources: [`hf://datasets/org/set@${second}/a.bin`, 'hf://datasets/org/set@v1/a.bin'],
  });
});

it('a small file is pinned by its bytes, at its commit', async () => {
  const body = Buffer.from('{"sample_size": 128}');
  serveSmall(on.hub, { repository: 'org/repo', path: 'config.json', body, commit: first });
  on.ask({ 'vae/config.json': 'hf://org/repo/config.json' });
  expect((await on.validate()).summary).toMatchObject({ ok: true, bytes_fetched: body.length });
  expect(on.locked()['vae/config.json']).toMatchObject({
    ...pinOf(body),
    sources: [`hf://org/repo@${first}/config.json`, expect.any(String)],
  });
});

it('a file of Civitai is pinned by what its API tells, and fetched with the token for it alone', async () => {
  const body = randomBytes(70_000);
  serveModelVersion(on.civitai, 12, [
    listedFile(Buffer.from('vae'), { type: 'VAE' }),
    listedFile(body, { primary: true }),
  ]);
  const stored = on.cdn.serve('/b2/a', body);
  on.civitai.serve('/api/download/models/12', '', {
    authorization: 'Bearer canary-civitai-token',
    always: { fault: 'redirect', to: `${stored}?sig=canary`, status: 307 },
  });
  on.ask({ 'loras/a.safetensors': 'civitai://models/12?type=Model&format=SafeTensor' });
  expect((await on.validate()).summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(on.locked()['loras/a.safetensors']).toMatchObject(pinOf(body));
  expect((await on.realize()).summary.ok).toBe(true);
  expect(on.placed('loras/a.safetensors').equals(body)).toBe(true);
  expect(on.cdn.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

it('models are asked for side by side', async () => {
  const together = 8;
  const waiting: ServerResponse[] = [];
  // Nobody is answered before eight on.ask at once: one after another, this would never end.
  const server = createServer((_, response) => {
    waiting.push(response);
    if (waiting.length < together) return;
    const headers = {
      'x-repo-commit': first,
      'x-linked-etag': `"${'0'.repeat(64)}"`,
      'x-linked-size': '5',
      location: '/',
    };
    for (const each of waiting.splice(0)) each.writeHead(302, headers).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  on.ask(Object.fromEntries(Array.from({ length: 2 * together }, (_, n) => [`${n}.bin`, `hf://org/repo/${n}.bin`])));
  const { summary } = await on.validate([], {
    HF_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  server.close();
  expect(summary.ok).toBe(true);
  expect(Object.keys(on.locked())).toHaveLength(2 * together);
  expect(existsSync(join(on.bench.cache, 'store/blobs'))).toBe(false);
});
