import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { downloads } from '../rig/downloads.ts';

const rig = downloads();

test('a document comes in as its server has it', async () => {
  const url = rig.server.serve('/a.json', '{"name":"ä","list":[1,2.5,null]}');
  expect(await rig.open().json(`${url}?version=1`)).toEqual({ name: 'ä', list: [1, 2.5, null] });
  expect(rig.server.asked).toMatchObject([{ method: 'GET', path: '/a.json?version=1' }]);
});

test('a body is posted, and posted again where a 307 leads', async () => {
  const to = rig.server.serve('/there', '"ok"');
  const url = rig.server.serve('/here', '', { always: { fault: 'redirect', to, status: 307 } });
  expect(await rig.open().json(url, { method: 'POST', body: { a: [1] } })).toBe('ok');
  expect(rig.server.asked.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['POST', '/here', '{"a":[1]}'],
    ['POST', '/there', '{"a":[1]}'],
  ]);
  expect(rig.server.asked[1]?.headers['content-type']).toBe('application/json');
});

test('a document of this machine is read as one of the network', async () => {
  const path = join(rig.directory, 'a.json');
  writeFileSync(path, '{"a":1}');
  const http = rig.open({ offline: true, localSource: async (source) => (source === 'demo://a' ? path : undefined) });
  expect(await http.json('demo://a')).toEqual({ a: 1 });
  writeFileSync(path, '{"a":');
  expect(await rig.failureOf(http.json('demo://a'))).toMatchObject({ kind: 'document', file: path });
  expect(await rig.failureOf(http.json(`file://${rig.directory}/none.json`))).toMatchObject({ kind: 'absent' });
});

test.each([
  ['longer than 10 MB, by its length', `"${'a'.repeat(10_000_000)}"`, undefined],
  ['longer than 10 MB, without a length', `"${'a'.repeat(10_000_000)}"`, { fault: 'no-length' }],
  ['nested too deeply', '['.repeat(65) + ']'.repeat(65), undefined],
  ['reaching for a prototype', '{"__proto__":{"admin":true}}', undefined],
] as const)('a document %s is refused', async (_, text, always) => {
  const url = rig.server.serve('/a.json', text, always ? { always } : {});
  expect(await rig.failureOf(rig.open().json(url))).toMatchObject({ kind: 'refused', what: url });
});

test.each([
  ['by its length', { fault: 'stall', after: 1 }],
  ['by its bytes', { fault: 'stall', after: 10_500_000, lengthless: true }],
] as const)('nobody waits for the end of a document that is too long %s', async (_, always) => {
  const url = rig.server.serve('/a.json', ' '.repeat(11_000_000), { always });
  const http = rig.open({ patience: { headMs: 5_000, bodyMs: 2_000 } });
  expect(await rig.failureOf(http.json(url))).toMatchObject({ kind: 'refused', what: url });
});

test('a document that is cut, or is a web page, is a failure of the network', async () => {
  const cut = rig.server.serve('/cut.json', '{"a":[1,2,3]}', { always: { fault: 'no-length', after: 7 } });
  const page = rig.server.serve('/page.json', '', { always: { fault: 'html' } });
  for (const url of [cut, page])
    expect(await rig.failureOf(rig.open().json(url))).toMatchObject({ kind: 'network', url, transient: true });
});

test('a status is told as it is', async () => {
  const faults = [404, 503].map((status) => ({ fault: 'status', status, headers: { 'retry-after': '3' } }) as const);
  const url = rig.server.serve('/a.json', '{}', { faults });
  expect(await rig.failureOf(rig.open().json(url))).toMatchObject({ kind: 'network', status: 404, transient: false });
  expect(await rig.failureOf(rig.open().json(url))).toMatchObject({
    status: 503,
    transient: true,
    retryAfterMs: 3_000,
  });
});

test('offline, a document of the network is named and not asked for', async () => {
  const url = rig.server.serve('/a.json', '{}');
  expect(await rig.failureOf(rig.open({ offline: true }).json(url))).toEqual({ kind: 'offline', missing: [url] });
  expect(rig.server.asked).toEqual([]);
});
