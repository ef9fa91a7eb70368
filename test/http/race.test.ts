import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

import { describe as inWords } from '#engine';
import { expect, test } from 'vitest';

import { downloads } from '../rig/downloads.ts';
import type { Fault } from '../rig/file-server.ts';

const rig = downloads();

const served = (path: string, always?: Fault, body = rig.body): string =>
  rig.server.serve(path, body, always ? { always } : {});
const asked = (path: string): number => rig.server.asked.filter((request) => request.path === path).length;

test.each<[string, Fault]>([
  ['is not there', { fault: 'status', status: 404 }],
  ['is out of order', { fault: 'status', status: 500 }],
  ['never answers', { fault: 'silence' }],
  ['resets every connection', { fault: 'reset', after: 0 }],
  ['sends a web page', { fault: 'html' }],
])('when the first source %s, another one is asked', async (_, fault) => {
  const http = rig.open({ patience: { headMs: 200, bodyMs: 5_000 } });
  const good = served('/good');
  expect(await http.download({ from: [served('/first', fault), good], ...rig.wanted })).toMatchObject({ from: good });
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
});

test('as long as the first source does, no other one is asked', async () => {
  await rig.open().download({ from: [served('/first'), served('/other')], ...rig.wanted });
  expect(asked('/other')).toBe(0);
});

test('of the others, the first that sends a byte brings the file; who is silent is not waited for', async () => {
  const from = [
    served('/gone', { fault: 'status', status: 404 }),
    served('/silent', { fault: 'silence' }),
    served('/good'),
  ];
  expect(await rig.open().download({ from, ...rig.wanted })).toMatchObject({ from: from[2] });
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
});

test('when the one that was first breaks for good, the others bring the file, and nothing is mixed', async () => {
  const body = randomBytes(rig.body.length);
  const gone = served('/gone', { fault: 'status', status: 404 });
  const broken = rig.server.serve('/broken', rig.body, {
    faults: [{ fault: 'truncate', after: 1_000 }],
    always: { fault: 'status', status: 403 },
  });
  const arrived = Promise.withResolvers<void>();
  const late = rig.server.serve('/late', body, { faults: [{ fault: 'silence' }] });
  const http = rig.open({ onProgress: () => arrived.resolve() });
  const sha256 = createHash('sha256').update(body).digest('hex');
  const done = http.download({ from: [gone, broken, late], to: rig.to, sha256, size: body.length });
  await arrived.promise;
  expect(await done).toMatchObject({ from: late });
  expect(readFileSync(rig.to).equals(body)).toBe(true);
});

test('wrong bytes of one source are no reason to give up, and are never what comes out', async () => {
  const from = ['/wrong', '/worse', '/good'].map((path) =>
    served(path, undefined, path === '/good' ? rig.body : randomBytes(rig.body.length)),
  );
  expect(await rig.open().download({ from, ...rig.wanted })).toMatchObject({ from: from[2] });
});

test('a file of this machine comes before servers, once the first source has failed', async () => {
  const gone = served('/gone', { fault: 'status', status: 404 });
  const path = `${rig.directory}/local.bin`;
  writeFileSync(path, rig.body);
  expect(await rig.open().download({ from: [gone, served('/good'), path], ...rig.wanted })).toMatchObject({
    from: path,
  });
  expect(asked('/good')).toBe(0);
});

test('when none has it, all of them are told of', async () => {
  const from = [404, 403, 500].map((status) => served(`/${status}`, { fault: 'status', status }));
  const failure = await rig.failureOf(rig.open().download({ from, ...rig.wanted }));
  expect(failure).toMatchObject({ kind: 'network', transient: true });
  for (const url of from) expect(inWords(failure).message).toContain(url);
});

test('to be stopped is no reason to ask another source', async () => {
  const stopping = new AbortController();
  const http = rig.open({ signal: stopping.signal, onProgress: () => stopping.abort() });
  const from = [served('/held', { fault: 'stall', after: 1_000 }), served('/other')];
  expect(await rig.failureOf(http.download({ from, ...rig.wanted }))).toEqual({ kind: 'cancelled' });
  expect(asked('/other')).toBe(0);
});
