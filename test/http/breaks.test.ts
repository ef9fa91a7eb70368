import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';

import { expect, test } from 'vitest';

import { downloads } from '../rig/downloads.ts';
import type { Fault } from '../rig/file-server.ts';

const rig = downloads();

const cut: Fault = { fault: 'truncate', after: 1_000 };

test.each<[string, Fault]>([
  ['truncated', { fault: 'truncate', after: 100_000 }],
  ['truncated without a length', { fault: 'no-length', after: 100_000 }],
  ['stalled', { fault: 'stall', after: 100_000 }],
])('a transfer that is %s goes on where it broke', async (_, fault) => {
  const http = rig.open({ patience: { headMs: 5_000, bodyMs: 100 } });
  expect(await http.download({ from: [rig.serve(fault)], ...rig.wanted })).toMatchObject(rig.exact);
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
  expect(rig.ranges()).toEqual([undefined, 'bytes=100000-']);
  expect(rig.server.asked[1]?.headers['if-range']).toBe(`"${rig.exact.sha256}"`);
});

test('a transfer that is reset midway goes on where it broke', async () => {
  const arrived = Promise.withResolvers<void>();
  const http = rig.open({ onProgress: () => arrived.resolve() });
  const url = rig.serve({ fault: 'reset', after: 100_000, when: arrived.promise });
  expect(await http.download({ from: [url], ...rig.wanted })).toMatchObject(rig.exact);
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
  expect(rig.ranges()[1]).toMatch(/^bytes=\d+-$/);
});

test('three breaks in a row are mended, the fourth goes up as transient', async () => {
  await rig.open().download({ from: [rig.serve(cut, cut, cut)], ...rig.wanted });
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
  expect(rig.ranges()).toEqual([undefined, 'bytes=1000-', 'bytes=2000-', 'bytes=3000-']);
  expect(rig.waits).toEqual([1_000, 5_000]);
  rmSync(rig.to);
  expect(
    await rig.failureOf(rig.open().download({ from: [rig.serve(cut, cut, cut, cut)], ...rig.wanted })),
  ).toMatchObject({
    kind: 'network',
    transient: true,
  });
  expect(rig.server.asked).toHaveLength(8);
});

test('a transfer that gets somewhere each time may break more often', async () => {
  const mib = 1024 ** 2;
  const large = Buffer.alloc(65 * mib, 'so many bytes ');
  const faults = Array.from({ length: 4 }, (): Fault => ({ fault: 'truncate', after: 16 * mib }));
  await rig
    .open({ leastSpread: Infinity })
    .download({ from: [rig.server.serve('/large.bin', large, { faults })], to: rig.to, size: large.length });
  expect(readFileSync(rig.to).equals(large)).toBe(true);
  expect(rig.server.asked).toHaveLength(5);
});

test('a server that ignores Range sends everything again, and nothing is doubled', async () => {
  await rig.open().download({
    from: [rig.serve(cut, { fault: 'ignore-range' })],
    ...rig.wanted,
  });
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
  expect(rig.ranges()).toEqual([undefined, 'bytes=1000-']);
});

test.each<[string, Fault]>([
  ['lies about the offset', { fault: 'lying-range', by: 500 }],
  ['sends a part of another file', { fault: 'other-tag' }],
])('when a server %s, the file is fetched anew', async (_, fault) => {
  await rig.open().download({ from: [rig.serve(cut, fault)], ...rig.wanted });
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
  expect(rig.ranges()).toEqual([undefined, 'bytes=1000-', undefined]);
});

test('a file that changed on the server between two parts is never mixed', async () => {
  const other = randomBytes(rig.body.length);
  const arrived = Promise.withResolvers<void>();
  const http = rig.open({
    onProgress: () => {
      if (rig.server.asked.length === 1) rig.server.serve('/file.bin', other);
      arrived.resolve();
    },
  });
  const url = rig.serve({ fault: 'reset', after: 50_000, when: arrived.promise });
  await http.download({ from: [url], to: rig.to });
  expect(readFileSync(rig.to).equals(other)).toBe(true);
});

test('without a strong tag nothing is resumed', async () => {
  for (const etag of [null, 'W/"weak"']) {
    await rig
      .open()
      .download({ from: [rig.server.serve('/file.bin', rig.body, { etag, faults: [cut] })], ...rig.wanted });
    expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
    rmSync(rig.to);
  }
  expect(rig.ranges()).toEqual([undefined, undefined, undefined, undefined]);
});

test('a truncated body without length is found by its hash when nobody knows the size', async () => {
  const url = rig.serve({ fault: 'no-length', after: 100_000 });
  expect(await rig.failureOf(rig.open().download({ from: [url], to: rig.to, sha256: rig.exact.sha256 }))).toMatchObject(
    {
      kind: 'integrity',
      what: url,
      expected: `sha256 ${rig.exact.sha256}`,
    },
  );
});

test.each<[Fault, unknown]>([
  [
    { fault: 'status', status: 404 },
    { status: 404, transient: false },
  ],
  [
    { fault: 'status', status: 400 },
    { status: 400, transient: false },
  ],
  [
    { fault: 'status', status: 408 },
    { status: 408, transient: true },
  ],
  [
    { fault: 'status', status: 425 },
    { status: 425, transient: true },
  ],
  [
    { fault: 'status', status: 500 },
    { status: 500, transient: true },
  ],
  [
    { fault: 'status', status: 503, headers: { 'retry-after': '7' } },
    { status: 503, transient: true, retryAfterMs: 7_000 },
  ],
  [
    { fault: 'status', status: 429, headers: { 'retry-after': 'Wed, 31 Dec 2025 23:00:00 GMT' } },
    { status: 429, transient: true, retryAfterMs: 0 },
  ],
  [{ fault: 'reset', after: 0 }, { transient: true }],
])('before the first byte, %o goes up at once', async (fault, expected) => {
  expect(await rig.failureOf(rig.open().download({ from: [rig.serve(fault)], ...rig.wanted }))).toMatchObject({
    kind: 'network',
    ...(expected as object),
  });
  expect(rig.server.asked).toHaveLength(1);
  expect(rig.waits).toEqual([]);
});

test('a server that never answers is transient', async () => {
  const silent = rig.server.serve('/silent', rig.body, { always: { fault: 'silence' } });
  const http = rig.open({ patience: { headMs: 100, bodyMs: 5_000 } });
  expect(await rig.failureOf(http.download({ from: [silent], to: rig.to }))).toMatchObject({
    kind: 'network',
    transient: true,
  });
});

test('a server that is not there is transient', async () => {
  const url = rig.serve();
  await rig.server[Symbol.asyncDispose]();
  expect(await rig.failureOf(rig.open().download({ from: [url], to: rig.to }))).toMatchObject({
    kind: 'network',
    transient: true,
  });
});

const busy = (seconds: number): Fault => ({ fault: 'status', status: 503, headers: { 'retry-after': `${seconds}` } });

test('what is on disk is worth waiting for as long as the server asks, but not for ever', async () => {
  await rig.open().download({ from: [rig.serve(cut, busy(9))], ...rig.wanted });
  expect(rig.ranges()).toEqual([undefined, 'bytes=1000-', 'bytes=1000-']);
  expect(rig.waits).toEqual([9_000]);
  rmSync(rig.to);
  const failure = await rig.failureOf(rig.open().download({ from: [rig.serve(cut, busy(3_600))], ...rig.wanted }));
  expect(failure).toMatchObject({ status: 503, retryAfterMs: 3_600_000 });
});
