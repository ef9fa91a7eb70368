import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Failed } from '#engine';
import { expect, test } from 'vitest';

import { downloads } from '../rig/downloads.ts';
import type { Fault } from '../rig/file-server.ts';

const rig = downloads();

test('a file comes in whole, with its hash, its size and its source', async () => {
  const url = rig.serve();
  const progress: unknown[] = [];
  let fetched = 0;
  const http = rig.open({ onProgress: (...at) => progress.push(at), onFetched: (bytes) => (fetched += bytes) });
  expect(await http.download({ from: [url], ...rig.wanted })).toEqual({ ...rig.exact, from: url });
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
  expect(progress.at(-1)).toEqual([rig.body.length, rig.body.length]);
  expect(fetched).toBe(rig.body.length);
});

test('without anything pinned, the bytes are taken as they are', async () => {
  expect(await rig.open().download({ from: [rig.serve()], to: rig.to })).toMatchObject(rig.exact);
});

test('a file that is there already is not overwritten', async () => {
  writeFileSync(rig.to, 'mine');
  await expect(rig.open().download({ from: [rig.serve()], to: rig.to })).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(rig.to, 'utf8')).toBe('mine');
});

test('wrong bytes of the right size name the source and both hashes', async () => {
  const other = randomBytes(rig.body.length);
  const url = rig.server.serve('/other.bin', other);
  expect(await rig.failureOf(rig.open().download({ from: [`${url}?sig=canary`], ...rig.wanted }))).toEqual({
    kind: 'integrity',
    what: url,
    expected: `sha256 ${rig.exact.sha256}`,
    actual: `sha256 ${createHash('sha256').update(other).digest('hex')}`,
  });
});

test.each([10, 400_000])('a file of %i bytes instead of 300000 is refused at its first bytes', async (length) => {
  expect(
    await rig.failureOf(rig.open().download({ from: [rig.serve({ fault: 'wrong-length', length })], ...rig.wanted })),
  ).toMatchObject({
    kind: 'integrity',
    expected: '300000 bytes',
    actual: `${length} bytes`,
  });
});

test('an endless body ends where the pinned size ends', async () => {
  const url = rig.server.serve('/long.bin', Buffer.alloc(2_000_000), { always: { fault: 'no-length' } });
  let fetched = 0;
  const http = rig.open({ onFetched: (bytes) => (fetched += bytes) });
  expect(await rig.failureOf(http.download({ from: [url], ...rig.wanted }))).toMatchObject({ kind: 'integrity' });
  expect(fetched).toBeLessThanOrEqual(rig.body.length);
});

test('a file that cannot fit is refused before anything is asked', async () => {
  const size = 2 ** 52;
  const failure = await rig.failureOf(rig.open().download({ from: [rig.serve()], to: rig.to, size }));
  expect(failure).toMatchObject({
    kind: 'disk',
    code: 'ENOSPC',
    hint: expect.stringMatching(`${size} bytes are needed`),
  });
  expect(rig.server.asked).toEqual([]);
});

test('a file that a server says is too large to fit is refused at its first bytes', async () => {
  const length = 2 ** 52;
  const failure = await rig.failureOf(
    rig.open().download({ from: [rig.serve({ fault: 'claimed-length', length })], to: rig.to }),
  );
  expect(failure).toMatchObject({ kind: 'disk', hint: expect.stringMatching(`${length} bytes are needed`) });
});

test('an announcement before the answer is no answer', async () => {
  await rig.open().download({ from: [rig.serve({ fault: 'early-hints' })], ...rig.wanted });
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
});

test.each<[string, Fault | undefined, string]>([
  ['by its type', { fault: 'html' }, ''],
  ['by its first bytes', { fault: 'html', type: 'application/octet-stream' }, ''],
  ['behind a byte order mark', undefined, '\uFEFF\n <HTML><body>'],
])('a web page instead of a file is recognised %s', async (_, always, text) => {
  const url = rig.server.serve('/page', text, always ? { always } : {});
  for (const wanted of [{}, rig.exact])
    expect(await rig.failureOf(rig.open().download({ from: [url], to: rig.to, ...wanted }))).toMatchObject({
      kind: 'network',
      transient: false,
      hint: expect.any(String),
    });
  const civitai = rig.open({ endpoints: { huggingFace: 'https://hf.invalid', civitai: rig.server.origin } });
  expect(await rig.failureOf(civitai.download({ from: [url], to: rig.to }))).toMatchObject({
    hint: expect.stringContaining('CIVITAI_TOKEN'),
  });
});

test('when the first source fails, the others are asked at once; all are named when none will do', async () => {
  const good = rig.serve();
  const gone = rig.server.serve('/gone', rig.body, { always: { fault: 'status', status: 404 } });
  const wrong = rig.server.serve('/wrong', randomBytes(rig.body.length));
  expect(await rig.open().download({ from: [gone, wrong, good], ...rig.wanted })).toEqual({ ...rig.exact, from: good });
  expect(rig.server.asked[0]?.path).toBe('/gone');
  expect(new Set(rig.server.asked.map(({ path }) => path))).toEqual(new Set(['/gone', '/wrong', '/file.bin']));
  rmSync(rig.to);
  const { message } = new Failed(await rig.failureOf(rig.open().download({ from: [gone, wrong], ...rig.wanted })));
  expect(message).toContain(gone);
  expect(message).toContain(wrong);
});

test('no source at all is refused', async () => {
  expect(await rig.failureOf(rig.open().download({ from: [], to: rig.to }))).toMatchObject({ kind: 'refused' });
});

test('a run that is stopped stops its transfer', async () => {
  const stopping = new AbortController();
  const http = rig.open({ signal: stopping.signal, onProgress: () => stopping.abort() });
  const url = rig.serve({ fault: 'stall', after: 1_000 });
  expect(await rig.failureOf(http.download({ from: [url, url], ...rig.wanted }))).toEqual({ kind: 'cancelled' });
  expect(await rig.failureOf(http.download({ from: [url], ...rig.wanted }))).toEqual({ kind: 'cancelled' });
  expect(rig.server.asked).toHaveLength(1);
});

test('a run that was stopped reaches for nothing any more', async () => {
  const http = rig.open({ signal: AbortSignal.abort() });
  const url = rig.serve();
  await rig.server[Symbol.asyncDispose]();
  const path = join(rig.directory, 'a.bin');
  writeFileSync(path, rig.body);
  for (const from of [url, path])
    expect(await rig.failureOf(http.download({ from: [from], ...rig.wanted }))).toEqual({ kind: 'cancelled' });
});

test.each(['plain path', 'file:', 'local source'])('a %s is copied and verified like anything else', async (kind) => {
  const path = join(rig.directory, 'a b.bin');
  writeFileSync(path, rig.body);
  let fetched = 0;
  const http = rig.open({
    offline: true,
    onFetched: (bytes) => (fetched += bytes),
    localSource: async (source) => (source === 'demo://a' ? path : undefined),
  });
  const source = { 'plain path': path, 'file:': `file://${rig.directory}/a%20b.bin`, 'local source': 'demo://a' }[
    kind
  ]!;
  expect(await http.download({ from: [source], ...rig.wanted })).toEqual({ ...rig.exact, from: source });
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
  expect(fetched).toBe(0);
  rmSync(rig.to);
  expect(await rig.failureOf(http.download({ from: [source], to: rig.to, size: 5 }))).toMatchObject({
    kind: 'integrity',
  });
  expect(await rig.failureOf(http.download({ from: [source], to: rig.to, sha256: '0'.repeat(64) }))).toMatchObject({
    kind: 'integrity',
  });
});

test('a local file that is not there, or is a directory, is absent', async () => {
  mkdirSync(join(rig.directory, 'folder'));
  for (const name of ['nowhere.bin', 'folder'])
    expect(await rig.failureOf(rig.open().download({ from: [join(rig.directory, name)], to: rig.to }))).toMatchObject({
      kind: 'absent',
    });
});

test('offline, everything that is not local is named and nothing is asked', async () => {
  const from = [`${rig.serve()}?sig=canary`, 'hf://o/r/a.bin', 'civitai://models/1'];
  const failure = await rig.failureOf(rig.open({ offline: true }).download({ from, to: rig.to }));
  expect(failure).toEqual({ kind: 'offline', missing: [rig.serve(), 'hf://o/r/a.bin', 'civitai://models/1'] });
  expect(rig.server.asked).toEqual([]);
});
