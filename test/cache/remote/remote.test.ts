import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobOf, type Carrier, sha256Of } from '#cache';
import { expect, test } from 'vitest';

import { layer } from '../../../cache/remote/layered.ts';
import { lay, listing } from '../rig.ts';
import { answerWith, got, machine, made, results, sent, server } from './rig.ts';

const puts = (requests: readonly string[]): readonly string[] => requests.filter((line) => line.startsWith('PUT '));

test('what one machine made another one has, byte by byte', async () => {
  const { origin } = await server();
  const { a, answer, tree, blob } = await sent(origin);
  const b = machine(origin);
  expect(await b.lookup(answer.key)).toEqual(answer);
  expect(await got(b, answer, tree, blob)).toBe('all');
  expect(await b.store.entries(tree)).toEqual(await a.store.entries(tree));
  expect(readFileSync(b.store.pathOf(blob), 'utf8')).toBe('a wheel');
  await b.settle();
  expect([a.warnings, b.warnings]).toEqual([[], []]);
  expect(a.infos.at(-1)).toBe(`To the remote cache at ${new URL(origin).host}: 1 result`);
  expect(b.infos).toEqual([`From the remote cache at ${new URL(origin).host}: 2 results, 2 objects`]);
});

test('objects stand under the hash of their bytes, a blob as it is', async () => {
  const { origin, objects } = await server();
  const { blob } = await sent(origin);
  for (const [path, bytes] of objects)
    if (path.startsWith('cas/')) expect(path).toBe(`cas/${sha256Of(bytes)}`);
    else expect(path).toMatch(/^ac\/[0-9a-f]{64}$/);
  expect(objects.get(`cas/${blob.slice(5)}`)?.toString()).toBe('a wheel');
  expect(objects.size).toBe(4);
});

test('the record is written last, when everything that it names is acknowledged', async () => {
  const { origin, requests } = await server();
  const { answer } = await sent(origin);
  expect(puts(requests).at(-1)).toBe(`PUT ac/${answer.key}`);
  const [packed, packing] = puts(requests);
  expect([packed, packing]).toEqual([expect.stringMatching(/^PUT cas/), expect.stringMatching(/^PUT ac/)]);
});

test('only what the remote lacks is sent', async () => {
  const { origin, requests } = await server();
  await sent(origin);
  const before = puts(requests).length;
  const { tree, answer } = await sent(origin);
  expect(puts(requests).slice(before)).toEqual([`PUT ac/${answer.key}`]);
  const c = machine(origin);
  await made(c.store);
  c.offer(answerWith('another question', { source: tree }));
  await c.settle();
  expect(puts(requests).slice(before + 1)).toEqual([`PUT ac/${sha256Of('another question')}`]);
});

test('to read is to write nothing', async () => {
  const { origin, requests } = await server();
  const { answer, tree, blob } = await sent(origin);
  const before = puts(requests).length;
  const b = machine(origin, { mode: 'read' });
  expect(await got(b, answer, tree, blob)).toBe('all');
  b.offer(answerWith('made here', { file: blob }));
  await b.settle();
  expect(puts(requests)).toHaveLength(before);
});

test('what is not there is asked for once', async () => {
  const { origin, requests } = await server();
  const b = machine(origin);
  const { tree, blob } = await made(machine(origin).store);
  for (let n = 0; n < 3; n++) {
    expect(await b.lookup(sha256Of('?'))).toBeUndefined();
    expect([await b.bring(tree), await b.bring(blob)]).toEqual([false, false]);
  }
  expect(requests).toHaveLength(3);
});

test('many who want the same wait for one transfer', async () => {
  const { origin, requests } = await server();
  const { tree } = await sent(origin);
  const before = requests.length;
  const b = machine(origin);
  expect(await Promise.all(Array.from({ length: 5 }, () => b.bring(tree)))).toEqual(Array(5).fill(true));
  expect(requests.slice(before)).toHaveLength(2);
});

test('what was lost here comes again', async () => {
  const { origin } = await server();
  const { tree, answer } = await sent(origin);
  const b = machine(origin);
  await got(b, answer, tree);
  writeFileSync(join(b.store.pathOf(tree), 'lib/ü.py'), 'x = 2\n');
  expect(await b.store.proves(tree)).toBe(false);
  expect(await b.bring(tree)).toBe(true);
  expect(readFileSync(join(b.store.pathOf(tree), 'lib/ü.py'), 'utf8')).toBe('x = 1\n');
});

const unshared = {
  'a path of this machine': { repo: '/home/me/nodes/mine' },
  'a file of this machine': { deep: [{ from: 'file:///srv/x' }] },
  'a home': '~/x',
  'a URL with a password': 'https://me:hunter2@git.example/x',
  'a URL with a query': 'https://cdn.example/x?token=abc',
  'a secret of the environment': { header: 'Bearer s3cret-value' },
};

test.for(Object.keys(unshared) as (keyof typeof unshared)[])('an answer that names %s stays here', async (name) => {
  const { origin, requests } = await server();
  const a = machine(origin, { secrets: ['s3cret-value'] });
  a.offer(answerWith(name, {}, unshared[name]));
  a.offer(answerWith(name, unshared[name], {}));
  await a.settle();
  expect(requests).toEqual([]);
  expect(a.warnings).toEqual([]);
});

test('two writers at once: both fine', async () => {
  const { origin, objects } = await server();
  const [one, two] = await Promise.all([sent(origin), sent(origin)]);
  expect([...one.a.warnings, ...two.a.warnings]).toEqual([]);
  expect(objects.size).toBe(4);
  expect(await got(machine(origin), one.answer, one.tree, one.blob)).toBe('all');
});

test('a layer asks nobody for what is here, and fills what came', async () => {
  const { origin } = await server();
  const { answer, tree } = await sent(origin);
  const here = machine(origin);
  const mine = answerWith('mine', {});
  const known = results(mine);
  let opened = 0;
  const layered = layer({ store: here.store, results: known, warn: () => {} }, async (store) => {
    opened++;
    const carrier = (await import('../../../tasks/tools/remote/http-carrier.ts')).openHttpCarrier(new URL(origin), {});
    const signal = new AbortController().signal;
    return { carrier, store, mode: 'read', secrets: [], tell: () => {}, signal, waitMs: 0 };
  });
  const kept = await made(here.store);
  expect(layered.results.lookup(mine.key)).toBe(mine);
  expect(await layered.store.proves(kept.blob)).toBe(true);
  await layered.settle();
  expect(opened).toBe(0);
  expect(await layered.results.lookup(answer.key)).toEqual(answer);
  expect(known.known.get(answer.key)).toEqual(answer);
  expect(await layered.store.proves(tree)).toBe(true);
  expect(opened).toBe(1);
});

test('a layer whose remote cannot be opened is the cache that is here', async () => {
  const { store } = machine('http://127.0.0.1:9');
  const warnings: string[] = [];
  const layered = layer({ store, results: results(), warn: (text) => warnings.push(text) }, async () => {
    throw new Error('there is no such file');
  });
  expect(await layered.results.lookup(sha256Of('?'))).toBeUndefined();
  await layered.results.save(answerWith('?', {}));
  await layered.settle();
  expect(warnings).toEqual(['The remote cache is not used: there is no such file']);
});

test('before a large file comes it is told, so that nobody wonders', async () => {
  const carrier: Carrier = {
    place: 'somewhere',
    head: async () => ({ status: 404 }),
    put: async () => ({ status: 403 }),
    async get(path, { head }) {
      if (path.startsWith('cas/')) head({ status: 200, size: 100_000_000 });
      return { status: 200, size: 100_000_000 };
    },
  };
  const b = machine('http://127.0.0.1:9', { carrier });
  expect(await b.bring(blobOf(sha256Of('a model')))).toBe(false);
  expect(b.infos).toEqual(['Bringing 100 MB from the remote cache at somewhere']);
});

test('nothing is left lying about', async () => {
  const { origin, objects } = await server();
  const { a, answer, tree, blob } = await sent(origin);
  const b = machine(origin);
  await got(b, answer, tree, blob);
  for (const path of objects.keys()) if (path.startsWith('cas/')) objects.set(path, Buffer.from('other'));
  await got(machine(origin), answer, tree, blob);
  for (const { store } of [a, b]) expect(listing(join(store.root, 'tmp'))).toEqual([]);
});

test('a tree of a thousand files, and one of a large file, travel whole', async () => {
  const { origin } = await server();
  const a = machine(origin);
  await using scratch = await a.store.scratch();
  const files = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`d${n % 7}/${n}`, 'x'.repeat(n)]));
  const many = await a.store.keepTree(lay(join(scratch.path, 'many'), files));
  const large = await a.store.keepTree(lay(join(scratch.path, 'large'), { large: 'large '.repeat(2_000_000) }));
  const answer = answerWith('large', [many, large]);
  a.offer(answer);
  await a.settle();
  expect(await got(machine(origin), answer, many, large)).toBe('all');
});
