import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { Failed, type Failure, type Http } from '#engine';
import { openHttp } from '../../tasks/tools/http/http.ts';
import { type FileServer, startFileServer } from '../rig/file-server.ts';

let server: FileServer;
let http: Http;
let fetched: number;
beforeEach(async () => {
  server = await startFileServer();
  fetched = 0;
  http = openHttp({
    offline: false,
    signal: new AbortController().signal,
    tokens: {},
    endpoints: { huggingFace: 'https://hf.invalid', civitai: 'https://civitai.invalid' },
    onFetched: (bytes) => void (fetched += bytes),
  });
});
afterEach(() => server[Symbol.asyncDispose]());

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (error instanceof Failed) return error.failure;
  throw new Error('It was to fail, and did not');
}

test('read() answers a document with its type, and where it was found in the end', async () => {
  const there = server.serve('/there/page', 'a page', { type: 'text/html' });
  const url = server.serve('/page', '', { always: { fault: 'redirect', to: there } });
  const { bytes, ...rest } = await http.read(url, { accept: 'text/html' });
  expect(bytes.toString()).toBe('a page');
  expect(rest).toEqual({ type: 'text/html', url: there, total: 6 });
  expect(server.asked.map(({ headers }) => headers.accept)).toEqual(['text/html', 'text/html']);
  expect(fetched).toBe(6);
});

test('read() unpacks what was packed to be sent, and counts what was sent', async () => {
  const page = 'a page that is the same all over '.repeat(1000);
  const packed = gzipSync(page);
  const headers = { 'content-encoding': 'gzip' };
  const { bytes, total } = await http.read(server.serve('/page', packed, { headers }));
  expect(bytes.toString()).toBe(page);
  expect(total).toBe(page.length);
  expect(fetched).toBe(packed.length);
  const cut = server.serve('/cut', packed, { headers, always: { fault: 'no-length', after: 50 } });
  expect(await failureOf(http.read(cut))).toMatchObject({ kind: 'network', problem: 'The answer cannot be unpacked' });
});

test.for([
  [{ at: 0, length: 3 }, '012'],
  [{ at: 4, length: 2 }, '45'],
  [{ at: -3, length: 3 }, '789'],
  [{ at: -99, length: 99 }, '0123456789'],
] as const)('read() of the part %j answers those bytes, and how long the whole is', async ([part, expected]) => {
  const { bytes, total } = await http.read(server.serve('/file', '0123456789'), { part });
  expect(bytes.toString()).toBe(expected);
  expect(total).toBe(10);
});

test('read() of a part takes no whole file for it, however short', async () => {
  const url = server.serve('/file', '0123456789', { always: { fault: 'ignore-range' } });
  const failure = await failureOf(http.read(url, { part: { at: -3, length: 3 } }));
  expect(failure).toMatchObject({
    kind: 'network',
    transient: false,
    problem: 'The server hands out whole files only',
  });
});

test('read() of what is not there, and of what was cut, says so', async () => {
  expect(await failureOf(http.read(`${server.origin}/nothing`))).toMatchObject({ kind: 'network', status: 404 });
  const cut = server.serve('/cut', 'a page', { always: { fault: 'truncate', after: 3 } });
  expect(await failureOf(http.read(cut))).toMatchObject({ kind: 'network', transient: true });
});

test('read() of a file of this machine is the same', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'read-'));
  try {
    const path = join(directory, 'file.bin');
    writeFileSync(path, '0123456789');
    const { bytes, total, url } = await http.read(path, { part: { at: -4, length: 4 } });
    expect([bytes.toString(), total, url]).toEqual(['6789', 10, path]);
    expect((await http.read(path)).bytes.toString()).toBe('0123456789');
    expect(await failureOf(http.read(join(directory, 'nothing')))).toMatchObject({ kind: 'absent' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
