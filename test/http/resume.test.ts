import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { openPartials } from '#cache';
import { expect, test, vi } from 'vitest';

import { openConnections } from '../../tasks/tools/http/connections.ts';
import type { HttpOptions } from '../../tasks/tools/http/http.ts';
import { downloads } from '../rig/downloads.ts';
import { type PartServer, servePartsOf } from '../rig/part-server.ts';

const mib = 1024 ** 2;
const rig = downloads();
const sized = (size: number) => {
  const body = randomBytes(size);
  return { body, exact: { sha256: createHash('sha256').update(body).digest('hex'), size } };
};
const [small, large] = [sized(30 * mib), sized(48 * mib)];

const partials = (): string => join(rig.directory, 'partial');
const open = (over: Partial<HttpOptions> = {}) =>
  rig.open({
    partials: openPartials(partials()),
    connections: openConnections({ perHost: 4, inAll: 4 }),
    patience: { headMs: 5_000, bodyMs: 60_000 },
    ...over,
  });

const kept = (): readonly string[] => readdirSync(partials()).filter((name) => !name.endsWith('.json'));
const noted = (): number =>
  readdirSync(partials())
    .filter((name) => name.endsWith('.json'))
    .map(
      (name) => JSON.parse(readFileSync(join(partials(), name), 'utf8')) as { spans: { from: number; to: number }[] },
    )
    .reduce((sum, { spans }) => sum + spans.reduce((all, { from, to }) => all + to - from, 0), 0);

/** Bytes that a server promised from its `n`th request on. */
const promised = (server: PartServer, n: number): number =>
  server.asked.slice(n).reduce((sum, { bytes }) => sum + bytes, 0);

/** Fetches until a first byte is there, and stops the run then. */
async function stopped(server: PartServer, { exact }: typeof small): Promise<void> {
  const stopping = new AbortController();
  const http = open({ signal: stopping.signal, onProgress: () => stopping.abort() });
  expect(await rig.failureOf(http.download({ from: [server.url], to: rig.to, ...exact }))).toEqual({
    kind: 'cancelled',
  });
}

/** The same, when much is there. */
async function stoppedLate(server: PartServer, { exact }: typeof small): Promise<void> {
  const stopping = new AbortController();
  const http = open({ signal: stopping.signal });
  const failure = rig.failureOf(http.download({ from: [server.url], to: rig.to, ...exact }));
  await vi.waitFor(() => expect(noted()).toBeGreaterThanOrEqual(16 * mib), { timeout: 60_000, interval: 20 });
  stopping.abort();
  expect(await failure).toEqual({ kind: 'cancelled' });
}

/** The same in another process, that is killed when it has written down what it has. */
async function killed(server: PartServer, { exact }: typeof small): Promise<void> {
  const script = join(import.meta.dirname, '../rig/fetch-kept.ts');
  const argv = [script, server.url, join(rig.directory, 'killed'), exact.sha256, String(exact.size), partials()];
  const child = spawn(process.execPath, argv, { stdio: 'inherit' });
  await vi.waitFor(() => expect(noted()).toBeGreaterThanOrEqual(16 * mib), { timeout: 60_000, interval: 20 });
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function resumed(
  server: PartServer,
  { body, exact }: typeof small,
  over: Partial<HttpOptions> = {},
): Promise<void> {
  expect(await open(over).download({ from: [server.url], to: rig.to, ...exact })).toMatchObject(exact);
  expect(readFileSync(rig.to).equals(body)).toBe(true);
  expect(readdirSync(partials())).toEqual([]);
}

test.each<[string, typeof small, typeof stopped]>([
  ['a run that was stopped', small, stopped],
  ['a run that was stopped late', small, stoppedLate],
  ['a run that was stopped, in parts', large, stoppedLate],
  ['a run that was killed', small, killed],
  ['a run that was killed, in parts', large, killed],
])('%s leaves what it has, and the next one fetches the rest', async (_, file, end) => {
  await using server = await servePartsOf(file.body, { holds: true });
  await end(server, file);
  expect(kept()).toHaveLength(1);
  const [n, there] = [server.asked.length, noted()];
  expect(there).toBeGreaterThan(0);
  server.change(file.body, {});
  await resumed(server, file);
  const rest = server.asked.slice(n);
  expect(promised(server, n)).toBeLessThan(file.body.length);
  expect(rest.length).toBeGreaterThan(0);
  for (const { range, ifRange } of rest) {
    expect(range).toBeDefined();
    expect(ifRange).toBe('"one"');
  }
});

test('a transfer that fails for good leaves what it has for the next attempt of the same run', async () => {
  await using server = await servePartsOf(small.body, { cutFirst: 20 * mib, busy: { status: 404, next: 9 } });
  expect(await rig.failureOf(open().download({ from: [server.url], to: rig.to, ...small.exact }))).toMatchObject({
    kind: 'network',
    status: 404,
  });
  expect(noted()).toBe(20 * mib);
  const n = server.asked.length;
  server.change(small.body, {});
  await resumed(server, small);
  expect(promised(server, n)).toBe(10 * mib);
});

test('what another process left is written to a file of its own: who still has it open changes nothing', async () => {
  await using server = await servePartsOf(small.body, { holds: true });
  await killed(server, small);
  const [name] = kept();
  const slow = openSync(join(partials(), name!), 'r+');
  server.change(small.body, {});
  await resumed(server, small);
  writeSync(slow, 'a late write', 0);
  closeSync(slow);
  expect(readFileSync(rig.to).equals(small.body)).toBe(true);
});

test('a bit that flipped in what was left is found: it is dropped, and the file is fetched once from its start', async () => {
  await using server = await servePartsOf(small.body, { holds: true });
  await stopped(server, small);
  const file = openSync(join(partials(), kept()[0]!), 'r+');
  writeSync(file, Buffer.from([small.body[1_000]! ^ 1]), 0, 1, 1_000);
  closeSync(file);
  const n = server.asked.length;
  server.change(small.body, {});
  await resumed(server, small);
  expect(server.asked.slice(n).map(({ range }) => range === undefined)).toEqual([false, true]);
});

test.each<[string, string]>([
  ['not JSON', '{'],
  ['of another format', '{"format":2}'],
  [
    'beyond its file',
    JSON.stringify({ format: 1, source: '0'.repeat(64), size: 1, spans: [{ from: 0, to: 9 }], left: true }),
  ],
])('a note that is %s counts as none', async (_, text) => {
  await using server = await servePartsOf(small.body, { holds: true });
  await stopped(server, small);
  writeFileSync(join(partials(), `${kept()[0]!}.json`), text);
  server.change(small.body, {});
  expect(await open().download({ from: [server.url], to: rig.to, ...small.exact })).toMatchObject(small.exact);
  expect(readFileSync(rig.to).equals(small.body)).toBe(true);
});

test('a file that changed since on the server is fetched anew', async () => {
  await using server = await servePartsOf(randomBytes(small.body.length), { holds: true });
  await stopped(server, small);
  server.change(small.body, { edition: { etag: '"two"' } });
  await resumed(server, small);
  expect(server.asked.at(-1)).toMatchObject({ ifRange: '"one"', bytes: small.body.length });
});

test('what one source sent is continued from another one', async () => {
  await using one = await servePartsOf(small.body, { holds: true });
  await using other = await servePartsOf(small.body, { edition: { etag: '"other"' } });
  await stopped(one, small);
  await resumed(other, small);
  expect(other.asked).toHaveLength(1);
  expect(other.asked[0]).toMatchObject({ range: expect.stringMatching(/^bytes=\d+-$/), ifRange: undefined });
  expect(promised(other, 0)).toBeLessThan(small.body.length);
});

test('a process that lives keeps its own: two at once each write their own file', async () => {
  await using server = await servePartsOf(small.body, { holds: true });
  const stopping = new AbortController();
  const first = rig.failureOf(
    open({ signal: stopping.signal }).download({ from: [server.url], to: `${rig.to}.first`, ...small.exact }),
  );
  await vi.waitFor(() => expect(noted()).toBeGreaterThan(0), { timeout: 60_000, interval: 20 });
  const [name] = kept();
  server.change(small.body, {});
  const n = server.asked.length;
  await open().download({ from: [server.url], to: `${rig.to}.second`, ...small.exact });
  expect(server.asked[n]?.range).toBe(undefined);
  expect(kept()).toEqual([name]);
  stopping.abort();
  expect(await first).toEqual({ kind: 'cancelled' });
  expect(readFileSync(`${rig.to}.second`).equals(small.body)).toBe(true);
});

test('what has no hash to be checked by, or is small, leaves nothing', async () => {
  await using server = await servePartsOf(small.body, { holds: true });
  const stopping = new AbortController();
  const http = open({ signal: stopping.signal, onProgress: () => stopping.abort() });
  expect(await rig.failureOf(http.download({ from: [server.url], to: rig.to }))).toEqual({ kind: 'cancelled' });
  expect(statSync(partials(), { throwIfNoEntry: false })).toBe(undefined);
});
