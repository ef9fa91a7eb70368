import { hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { type FileServer, startFileServer } from '../rig/file-server.ts';
import { listedFile, serveLarge, serveModelVersion, serveSmall } from '../rig/model-services.ts';
import { type Bench, type Ended, openBench } from './rig.ts';
import { listing } from './tree.ts';
import { openWorld, type World } from './world.ts';

interface Locked {
  readonly path: string;
  readonly sources: readonly string[];
  readonly sha256: string;
  readonly size: number;
  readonly md5?: string;
}

let world: World;
let warm: Bench;
let bench: Bench;
beforeAll(async () => {
  world = await openWorld();
  await world.commit('core', { 'main.py': 'print("core")\n' });
  warm = openBench();
  ask({}, warm);
  // What is fetched from here on is models.
  expect((await warm.pipeline(['validate', 'm', '--json'])).summary.ok).toBe(true);
});
afterAll(async () => {
  warm[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

let hub: FileServer;
let cdn: FileServer;
let civitai: FileServer;
beforeEach(async () => {
  bench = openBench({ cache: warm.cache });
  [hub, cdn, civitai] = await Promise.all([startFileServer(), startFileServer(), startFileServer()]);
});
afterEach(async () => {
  bench[Symbol.dispose]();
  await Promise.all([hub, cdn, civitai].map((server) => server[Symbol.asyncDispose]()));
});

const [first, second] = ['a1b2c3d4'.repeat(5), 'e5f6a7b8'.repeat(5)];
const sha256 = (body: Buffer): string => hash('sha256', body);
const pinOf = (body: Buffer) => ({ sha256: sha256(body), size: body.length });

/** Writes a version with these models, by their paths below `models/`. */
const ask = (
  models: Readonly<Record<string, string | { readonly source: string; readonly checksum: string }>>,
  of = bench,
): void =>
  of.write({
    'versions/m.json': {
      schema_version: 2,
      version_id: 'm',
      comfy: { repo: world.git.url('core') },
      models: Object.entries(models).map(([path, model]) => ({
        target_path: path,
        ...(typeof model === 'string' ? { source: model } : model),
      })),
    },
  });

const services = () => ({
  HF_ENDPOINT: hub.origin,
  HF_TOKEN: 'canary-hf-token',
  CIVITAI_ENDPOINT: civitai.origin,
  CIVITAI_TOKEN: 'canary-civitai-token',
});
const validate = (more: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  bench.pipeline(['validate', 'm', '--json', ...more], { env: { ...services(), ...env } });
const realize = (more: readonly string[] = []): Promise<Ended> => bench.realize('m', more, { env: services() });
const lockText = (): string => readFileSync(join(bench.project, 'lockfiles/m.lock.json'), 'utf8');
const locked = (): Readonly<Record<string, Locked>> => {
  const { models } = JSON.parse(lockText()) as { readonly models: readonly Locked[] };
  return Object.fromEntries(models.map((model) => [model.path, model]));
};
const placed = (path: string): Buffer => readFileSync(join(bench.target, 'models', path));

it('a file of Hugging Face is pinned without its bytes, and realized at the commit it was pinned at', async () => {
  const [old, fresh] = [randomBytes(100_000), randomBytes(100_000)];
  const file = { repository: 'org/repo', path: 'vae/a.safetensors' };
  serveLarge(hub, cdn, { ...file, body: old, commit: first, token: 'canary-hf-token' });
  ask({ 'vae/a.safetensors': 'hf://org/repo/vae/a.safetensors' });
  const { summary } = await validate();
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(cdn.asked).toEqual([]);
  expect(locked()['vae/a.safetensors']).toEqual({
    path: 'vae/a.safetensors',
    root: 'models',
    sources: [`hf://org/repo@${first}/vae/a.safetensors`, 'hf://org/repo/vae/a.safetensors'],
    ...pinOf(old),
  });
  serveLarge(hub, cdn, { ...file, body: fresh, commit: second, token: 'canary-hf-token' });
  expect((await realize()).summary).toMatchObject({ ok: true, bytes_fetched: old.length });
  expect(placed('vae/a.safetensors').equals(old)).toBe(true);
  expect(hub.asked.at(-1)?.headers.authorization).toBe('Bearer canary-hf-token');
  expect(cdn.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  expect(lockText()).not.toContain('canary');
});

it('what a service sends besides its hash is not believed: other bytes are refused', async () => {
  const body = randomBytes(50_000);
  serveLarge(hub, cdn, { repository: 'org/repo', path: 'a.bin', body, commit: first });
  ask({ 'a.bin': 'hf://org/repo/a.bin' });
  expect((await validate()).exitCode).toBe(0);
  cdn.serve(`/repos/${sha256(body)}`, randomBytes(50_000));
  const { exitCode, failed } = await realize();
  expect(exitCode).toBe(4);
  expect(failed).toMatchObject({ task: 'fetch-model', failure: { kind: 'integrity' } });
});

it('a lock never changes by itself: --update moves the models it names, and nothing else', async () => {
  const bodies = [1, 2, 3, 4].map((seed) => Buffer.alloc(10_000, seed));
  const serve = (path: string, body: Buffer, commit: string): void =>
    serveLarge(hub, cdn, { repository: 'org/repo', path, body, commit });
  serve('a.bin', bodies[0]!, first);
  serve('b.bin', bodies[1]!, first);
  ask({ 'x/a.bin': 'hf://org/repo/a.bin', 'x/b.bin': 'hf://org/repo/b.bin' });
  await validate();
  const before = { text: lockText(), models: locked(), asked: hub.asked.length };
  serve('a.bin', bodies[2]!, second);
  serve('b.bin', bodies[3]!, second);
  expect((await validate()).summary.ok).toBe(true);
  expect(lockText()).toBe(before.text);
  expect(hub.asked).toHaveLength(before.asked);
  expect((await validate(['--update', 'b.bin'])).summary.ok).toBe(true);
  const sources = [`hf://org/repo@${second}/b.bin`, 'hf://org/repo/b.bin'];
  expect(locked()).toEqual({
    'x/a.bin': before.models['x/a.bin'],
    'x/b.bin': { path: 'x/b.bin', root: 'models', sources, ...pinOf(bodies[3]!) },
  });
});

it('a model keeps its pin under another spelling of its source, and with one more mirror', async () => {
  const body = randomBytes(1_000);
  serveLarge(hub, cdn, { repository: 'datasets/org/set', path: 'a.bin', body, commit: first });
  ask({ 'a.bin': 'hf://datasets/org/set/a.bin' });
  await validate();
  const asked = hub.asked.length;
  ask({ 'a.bin': 'https://huggingface.co/datasets/org/set/resolve/main/a.bin?download=true' });
  expect((await validate()).summary.ok).toBe(true);
  expect(hub.asked).toHaveLength(asked);
  expect(locked()['a.bin']).toMatchObject({
    ...pinOf(body),
    sources: [`hf://datasets/org/set@${first}/a.bin`, expect.any(String)],
  });
  serveLarge(hub, cdn, {
    repository: 'datasets/org/set',
    path: 'a.bin',
    body: Buffer.from('v1'),
    commit: second,
    revision: 'v1',
  });
  ask({ 'a.bin': 'hf://datasets/org/set@v1/a.bin' });
  expect((await validate()).summary.ok).toBe(true);
  expect(locked()['a.bin']).toMatchObject({
    ...pinOf(Buffer.from('v1')),
    sources: [`hf://datasets/org/set@${second}/a.bin`, 'hf://datasets/org/set@v1/a.bin'],
  });
});

it('a small file is pinned by its bytes, at its commit', async () => {
  const body = Buffer.from('{"sample_size": 128}');
  serveSmall(hub, { repository: 'org/repo', path: 'config.json', body, commit: first });
  ask({ 'vae/config.json': 'hf://org/repo/config.json' });
  expect((await validate()).summary).toMatchObject({ ok: true, bytes_fetched: body.length });
  expect(locked()['vae/config.json']).toMatchObject({
    ...pinOf(body),
    sources: [`hf://org/repo@${first}/config.json`, expect.any(String)],
  });
});

it('a file of Civitai is pinned by what its API tells, and fetched with the token for it alone', async () => {
  const body = randomBytes(70_000);
  serveModelVersion(civitai, 12, [
    listedFile(Buffer.from('vae'), { type: 'VAE' }),
    listedFile(body, { primary: true }),
  ]);
  const stored = cdn.serve('/b2/a', body);
  civitai.serve('/api/download/models/12', '', {
    authorization: 'Bearer canary-civitai-token',
    always: { fault: 'redirect', to: `${stored}?sig=canary`, status: 307 },
  });
  ask({ 'loras/a.safetensors': 'civitai://models/12?type=Model&format=SafeTensor' });
  expect((await validate()).summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(locked()['loras/a.safetensors']).toMatchObject(pinOf(body));
  expect((await realize()).summary.ok).toBe(true);
  expect(placed('loras/a.safetensors').equals(body)).toBe(true);
  expect(cdn.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

it('a plain URL is pinned when it is first downloaded, and is not downloaded again', async () => {
  const body = randomBytes(30_000);
  ask({ 'a.bin': cdn.serve('/files/a.bin', body) });
  expect((await validate()).summary).toMatchObject({ ok: true, bytes_fetched: body.length });
  expect(locked()['a.bin']).toMatchObject(pinOf(body));
  expect((await realize()).summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(cdn.asked).toHaveLength(1);
});

it('a checksum in the version spares the download: it is checked when the bytes come', async () => {
  const body = randomBytes(30_000);
  const source = cdn.serve('/files/a.bin', body);
  ask({ 'a.bin': { source, checksum: sha256(body) } });
  expect((await validate()).summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(locked()['a.bin']).toMatchObject(pinOf(body));
  serveLarge(hub, cdn, { repository: 'org/repo', path: 'a.bin', body, commit: first });
  ask({ 'a.bin': { source: 'hf://org/repo/a.bin', checksum: `sha256:${'0'.repeat(64)}` } });
  const { exitCode, failed } = await validate();
  expect(exitCode).toBe(4);
  expect(failed).toMatchObject({ name: 'resolve-model a.bin', failure: { kind: 'integrity', what: 'a.bin' } });
});

it('an MD5 in the version is checked when the model is pinned, and again when it changes', async () => {
  const body = randomBytes(30_000);
  const source = cdn.serve('/files/a.bin', body);
  ask({ 'a.bin': { source, checksum: `md5:${'0'.repeat(32)}` } });
  const wrong = await validate();
  expect(wrong.exitCode).toBe(4);
  expect(wrong.failed).toMatchObject({ failure: { kind: 'integrity', expected: `md5 ${'0'.repeat(32)}` } });
  ask({ 'a.bin': { source, checksum: `md5:${hash('md5', body)}` } });
  expect((await validate()).summary.ok).toBe(true);
  const before = lockText();
  expect(locked()['a.bin']).toMatchObject({ ...pinOf(body), md5: hash('md5', body) });
  const asked = cdn.asked.length;
  expect((await validate()).summary.ok).toBe(true);
  expect([lockText(), cdn.asked.length]).toEqual([before, asked]);
  ask({ 'a.bin': { source, checksum: `md5:${'1'.repeat(32)}` } });
  expect((await validate()).exitCode).toBe(4);
});

it('an object of a bucket is copied by gcloud where there is one, else over HTTP', async () => {
  const body = randomBytes(20_000);
  const program = bench.at('bin/gcloud');
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(bench.at('object'), body);
  writeFileSync(program, `#!/bin/sh\nfor to in "$@"; do :; done\nexec cp '${bench.at('object')}' "$to"\n`);
  chmodSync(program, 0o755);
  ask({ 'a.bin': 'gs://bucket/models/a.bin' });
  const { summary } = await validate([], { PATH: `${bench.at('bin')}:${process.env['PATH']}` });
  expect(summary.ok).toBe(true);
  expect(locked()['a.bin']).toMatchObject({ ...pinOf(body), sources: ['gs://bucket/models/a.bin'] });
  const other = Buffer.from('another object');
  cdn.serve('/bucket/models/b.bin', other);
  ask({ 'b.bin': 'gs://bucket/models/b.bin' });
  expect((await validate([], { STORAGE_EMULATOR_HOST: new URL(cdn.origin).host })).summary.ok).toBe(true);
  expect(locked()['b.bin']).toMatchObject(pinOf(other));
});

it('a file of the project is pinned where it is, keeps its spelling, and is linked from the store', async () => {
  const body = randomBytes(20_000);
  mkdirSync(join(bench.project, 'own'));
  writeFileSync(join(bench.project, 'own/a.bin'), body);
  ask({ 'a.bin': './own/a.bin' });
  expect((await validate()).summary.ok).toBe(true);
  const before = lockText();
  expect(locked()['a.bin']).toEqual({ path: 'a.bin', root: 'models', sources: ['./own/a.bin'], ...pinOf(body) });
  writeFileSync(join(bench.project, 'own/a.bin'), 'edited since');
  expect((await validate()).summary.ok).toBe(true);
  expect(lockText()).toBe(before);
  expect((await realize()).summary.ok).toBe(true);
  expect(placed('a.bin').equals(body)).toBe(true);
});

it('one validate tells everything that cannot be resolved, and writes nothing', async () => {
  serveLarge(hub, cdn, {
    repository: 'org/gated',
    path: 'a.bin',
    body: Buffer.from('x'),
    commit: first,
    token: 'another',
  });
  civitai.serve('/api/v1/model-versions/12', '', { always: { fault: 'html' } });
  bench.write({
    'versions/m.json': {
      schema_version: 2,
      version_id: 'm',
      comfy: { repo: world.git.url('core'), ref: 'gone' },
      custom_nodes: [{ name: 'alpha', repo: world.git.url('core'), ref: 'gone-too' }],
      models: [
        { source: 'hf://org/gated/a.bin', target_path: 'gated.bin' },
        { source: 'civitai://models/12', target_path: 'page.bin' },
        { source: `${cdn.origin}/gone.bin`, target_path: 'gone.bin' },
        { source: './gone.bin', target_path: 'local.bin' },
      ],
    },
  });
  const before = listing(bench.project);
  const { exitCode, events } = await validate();
  const failures = events.filter((event) => event.type === 'step.finished' && event.outcome === 'failed');
  expect(failures.map((event) => event.name).toSorted()).toEqual([
    'resolve-commit ComfyUI',
    'resolve-commit alpha',
    'resolve-model gated.bin',
    'resolve-model gone.bin',
    'resolve-model local.bin',
    'resolve-model page.bin',
  ]);
  expect(exitCode).toBeGreaterThan(0);
  expect(listing(bench.project)).toEqual(before);
  const { stdout } = await bench.pipeline(['validate', 'm'], { env: services() });
  for (const name of ['gated.bin', 'page.bin', 'gone.bin', 'local.bin'])
    expect(stdout).toMatch(new RegExp(`failed +resolve-model +${name}`));
  expect(stdout).toContain('accept the licence');
  expect(stdout).not.toContain('canary');
});

it('--update of a name that the version does not have is a mistake of the command line', async () => {
  ask({ 'x/a.bin': 'hf://org/repo/a.bin' });
  const { exitCode, stderr } = await validate(['--update', 'a.bim']);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/--update a\.bim: this version has nothing of that name\nhint: did you mean a\.bin\?/);
});

it('models are asked for side by side', async () => {
  const together = 8;
  const waiting: ServerResponse[] = [];
  // Nobody is answered before eight ask at once: one after another, this would never end.
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
  ask(Object.fromEntries(Array.from({ length: 2 * together }, (_, n) => [`${n}.bin`, `hf://org/repo/${n}.bin`])));
  const { summary } = await validate([], { HF_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  server.close();
  expect(summary.ok).toBe(true);
  expect(Object.keys(locked())).toHaveLength(2 * together);
  expect(existsSync(join(bench.cache, 'store/blobs'))).toBe(false);
});
