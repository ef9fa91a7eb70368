import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { HttpOptions } from '../../tasks/tools/http/http.ts';
import { downloads } from '../rig/downloads.ts';
import { type FileServer, startFileServer } from '../rig/file-server.ts';
import { type HubFile, listedFile, serveLarge, serveModelVersion, serveSmall } from '../rig/model-services.ts';

const rig = downloads();
let cdn: FileServer;
let civitai: FileServer;

beforeEach(async () => {
  [cdn, civitai] = await Promise.all([startFileServer(), startFileServer()]);
});

afterEach(() => Promise.all([cdn[Symbol.asyncDispose](), civitai[Symbol.asyncDispose]()]));

const commit = '5f0b3a1c'.repeat(5);
const sha256 = (body: Buffer): string => hash('sha256', body);
const file = (over: Partial<HubFile> = {}): HubFile => ({
  repository: 'org/repo',
  path: 'split_files/vae/a.safetensors',
  body: rig.body,
  commit,
  ...over,
});

/** `rig.server` is Hugging Face; `cdn` is where services keep bytes. */
const open = (over: Partial<HttpOptions> = {}): ReturnType<typeof rig.open> =>
  rig.open({
    tokens: { huggingFace: 'canary-hf', civitai: 'canary-civitai' },
    endpoints: { huggingFace: rig.server.origin, civitai: civitai.origin },
    ...over,
  });
const asked = (server: FileServer): readonly string[] => server.asked.map(({ method, path }) => `${method} ${path}`);

test.each([
  ['hf://org/repo/split_files/vae/a.safetensors', {}],
  ['huggingface://org/repo@main/split_files/vae/a.safetensors', {}],
  ['hf://org/repo/split_files/vae/a.safetensors?revision=v1.0', { revision: 'v1.0' }],
  ['hf://org/repo@refs%2Fpr%2F3/split_files/vae/a.safetensors', { revision: 'refs/pr/3' }],
  ['hf://datasets/org/repo/split_files/vae/a.safetensors', { repository: 'datasets/org/repo' }],
  ['hf://spaces/org/repo@dev/split_files/vae/a.safetensors', { repository: 'spaces/org/repo', revision: 'dev' }],
  ['HERE/org/repo/resolve/main/split_files/vae/a.safetensors', {}],
  [
    'HERE/datasets/org/repo/resolve/main/split_files/vae/a.safetensors?download=true',
    { repository: 'datasets/org/repo' },
  ],
] satisfies [string, Partial<HubFile>][])('pin() of %s asks for one head and fetches nothing', async (source, over) => {
  serveLarge(rig.server, cdn, file(over));
  const { repository, path } = file(over);
  const exact = `hf://${repository}@${commit}/${path}`;
  expect(await open().pin([source.replace('HERE', rig.server.origin)])).toEqual({ ...rig.exact, exact });
  expect(rig.server.asked.map(({ method }) => method)).toEqual(['HEAD']);
  expect(cdn.asked).toEqual([]);
  await open().download({ from: [exact], ...rig.wanted });
  expect(rig.server.asked.at(-1)?.path).toBe(`/${repository}/resolve/${commit}/${path}`);
});

test('pin() of a small file tells its commit, and leaves hash and size to the bytes', async () => {
  const body = Buffer.from('{"model_type":"vae"}');
  serveSmall(rig.server, file({ path: 'config.json', body }));
  const exact = `hf://org/repo@${commit}/config.json`;
  expect(await open().pin(['hf://org/repo/config.json'])).toEqual({ exact });
  const small = { to: rig.to, sha256: sha256(body), size: body.length };
  expect(await open().download({ from: [exact], to: rig.to })).toEqual({
    sha256: small.sha256,
    size: small.size,
    from: exact,
  });
});

test('pin() follows a repository that was renamed, and names it by its new name', async () => {
  serveLarge(rig.server, cdn, file({ repository: 'new-org/repo', path: 'a.bin' }));
  const to = '/new-org/repo/resolve/main/a.bin';
  rig.server.serve('/org/repo/resolve/main/a.bin', '', { always: { fault: 'redirect', to, status: 307 } });
  expect(await open().pin(['hf://org/repo/a.bin'])).toEqual({
    ...rig.exact,
    exact: `hf://new-org/repo@${commit}/a.bin`,
  });
});

test('pin() takes a token to the service, and nobody else hears of it', async () => {
  serveLarge(rig.server, cdn, file({ token: 'canary-hf' }));
  const elsewhere = cdn.serve('/elsewhere', '', { headers: { 'x-repo-commit': commit } });
  rig.server.serve('/org/away/resolve/main/a.bin', '', { always: { fault: 'redirect', to: elsewhere } });
  expect(await open().pin(['hf://org/repo/split_files/vae/a.safetensors'])).toMatchObject(rig.exact);
  expect(await open().pin(['hf://org/away/a.bin'])).toEqual({});
  expect(rig.server.asked.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer canary-hf',
    'Bearer canary-hf',
  ]);
  expect(cdn.asked).toEqual([]);
});

test.each([
  [{}, 401, /set HF_TOKEN to a token that may read this file; and accept the licence/],
  [{ huggingFace: 'another' }, 401, /the token in HF_TOKEN does not open this file/],
])('pin() of a gated file with tokens %o says what to do', async (tokens, status, hint) => {
  serveLarge(rig.server, cdn, file({ token: 'canary-hf' }));
  const failure = await rig.failureOf(open({ tokens }).pin(['hf://org/repo/split_files/vae/a.safetensors']));
  expect(failure).toMatchObject({ kind: 'network', status, transient: false, hint: expect.stringMatching(hint) });
  expect(JSON.stringify(failure)).not.toContain('canary');
});

test.each([
  ['civitai://models/12', 'alone'],
  ['civitai://api/download/models/12?type=Model&format=PickleTensor', 'pickle'],
  ['civitai://models/12?type=vae', 'vae'],
  ['HERE/api/download/models/12?fp=FP32', 'fp32'],
])('pin() of %s reads the API, and picks %s', async (source, wanted) => {
  const bodies = {
    alone: rig.body,
    pickle: Buffer.from('pickle'),
    vae: Buffer.from('vae'),
    fp32: Buffer.from('fp32 '),
  };
  serveModelVersion(civitai, 12, [
    listedFile(bodies.vae, { type: 'VAE' }),
    listedFile(bodies.pickle, { format: 'PickleTensor' }),
    listedFile(bodies.fp32, { fp: 'fp32' }),
    listedFile(bodies.alone, { primary: true }),
  ]);
  const body = bodies[wanted as keyof typeof bodies];
  expect(await open().pin([source.replace('HERE', civitai.origin)])).toEqual({
    sha256: sha256(body),
    size: body.length,
  });
  expect(asked(civitai)).toEqual(['GET /api/v1/model-versions/12']);
  expect(civitai.asked[0]?.headers.authorization).toBe('Bearer canary-civitai');
});

test('pin() asks for the size of a file where Civitai rounds it', async () => {
  const rounded = { ...listedFile(rig.body, { primary: true }), sizeKB: 292.97 };
  serveModelVersion(civitai, 12, [rounded]);
  const stored = cdn.serve('/b2/a', rig.body);
  civitai.serve('/api/download/models/12', '', { always: { fault: 'redirect', to: `${stored}?sig=1`, status: 307 } });
  expect(await open().pin(['civitai://models/12'])).toEqual(rig.exact);
  expect(asked(cdn)).toEqual(['HEAD /b2/a?sig=1']);
  expect(cdn.asked[0]?.headers.authorization).toBeUndefined();
});

test.each([
  ['lists two files that fit', [{}, { fp: 'fp32' }]],
  ['lists none that fits', [{ type: 'VAE' } as const]],
])('pin() leaves it to the bytes where Civitai %s', async (_, shapes) => {
  serveModelVersion(
    civitai,
    12,
    shapes.map((shape) => listedFile(rig.body, shape)),
  );
  expect(await open().pin(['civitai://models/12?type=Model'])).toBeUndefined();
});

test.each([
  [{}, /set CIVITAI_TOKEN/],
  [{ civitai: 'canary-civitai' }, /the token in CIVITAI_TOKEN/],
])('pin() takes no web page for an answer of Civitai (tokens %o)', async (tokens, hint) => {
  civitai.serve('/api/v1/model-versions/12', '', { always: { fault: 'html' } });
  const failure = await rig.failureOf(open({ tokens }).pin(['civitai://models/12']));
  expect(failure).toMatchObject({ kind: 'network', transient: false, problem: 'A web page came instead of JSON' });
  expect(failure).toMatchObject({ hint: expect.stringMatching(hint) });
});

test('pin() of a plain URL and of a file of this machine tells nothing, and asks nobody', async () => {
  const local = join(rig.directory, 'local.bin');
  writeFileSync(local, rig.body);
  expect(
    await open({ endpoints: { huggingFace: 'https://hf.invalid', civitai: 'https://c.invalid' } }).pin([rig.serve()]),
  ).toBeUndefined();
  expect(await open().pin([local, 'hf://org/repo/a.bin'])).toBeUndefined();
  expect(rig.server.asked).toEqual([]);
});

test('pin() asks the next source where one fails, and fails only with all of them', async () => {
  serveLarge(rig.server, cdn, file());
  const sources = ['hf://org/gone/a.bin', 'hf://org/repo/split_files/vae/a.safetensors'];
  expect(await open().pin(sources)).toMatchObject(rig.exact);
  const failure = await rig.failureOf(open().pin(['hf://org/gone/a.bin', 'hf://org/gone/b.bin']));
  expect(failure).toMatchObject({ kind: 'network', status: 404, problem: expect.stringContaining('also: ') });
});

test('pin() without the network names what it would have asked for', async () => {
  const failure = await rig.failureOf(open({ offline: true }).pin(['hf://org/repo/a.bin']));
  expect(failure).toEqual({ kind: 'offline', missing: ['hf://org/repo/a.bin'] });
});

test('size() is learned without the bytes, and nobody minds where it is not', async () => {
  const local = join(rig.directory, 'local.whl');
  writeFileSync(local, 'wheel');
  expect(await open().size(rig.serve())).toBe(rig.body.length);
  expect(await open().size(local)).toBe(5);
  expect(await open().size(rig.serve({ fault: 'status', status: 500 }))).toBeUndefined();
  expect(await open().size(rig.serve({ fault: 'html' }))).toBeUndefined();
  expect(await open().size(`${rig.server.origin}/not-there`)).toBeUndefined();
  expect(await open({ offline: true }).size(`${rig.server.origin}/a`)).toBeUndefined();
  expect(rig.server.asked.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'HEAD', 'HEAD']);
});

test('download() checks an MD5 besides, and keeps no file that has another', async () => {
  const [md5, other] = [hash('md5', rig.body), 'd'.repeat(32)];
  const failure = await rig.failureOf(open().download({ from: [rig.serve()], to: rig.to, md5: other }));
  expect(failure).toMatchObject({ kind: 'integrity', expected: `md5 ${other}`, actual: `md5 ${md5}` });
  expect(await open().download({ from: [rig.serve()], to: rig.to, md5 })).toMatchObject(rig.exact);
});
