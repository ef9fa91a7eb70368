import { Failed, type Failure } from '#engine';
import { expect, test } from 'vitest';

import type { Ask } from '../../tasks/tools/http/exchange.ts';
import { networkFailure, retryAfterMs } from '../../tasks/tools/http/failures.ts';
import { nextAsk } from '../../tasks/tools/http/follow.ts';
import { parseJson } from '../../tasks/tools/http/json.ts';
import { openMeter } from '../../tasks/tools/http/meter.ts';
import { together } from '../../tasks/tools/http/together.ts';

const ask = (url: string, more: Partial<Ask> = {}): Ask => ({
  url: new URL(url),
  method: 'GET',
  headers: { range: 'bytes=5-' },
  credentials: { authorization: 'Bearer canary' },
  ...more,
});

test.each([
  ['https://a.org/x', '/y', 'https://a.org/y', true],
  ['https://a.org/x', 'https://a.org:443/y', 'https://a.org/y', true],
  ['https://a.org/x', 'https://b.org/y', 'https://b.org/y', false],
  ['https://a.org/x', '//b.org/y', 'https://b.org/y', false],
  ['https://a.org/x', 'https://a.org:8443/y', 'https://a.org:8443/y', false],
  ['https://a.org/x', 'https://sub.a.org/y', 'https://sub.a.org/y', false],
  ['http://a.org/x', 'https://a.org/y', 'https://a.org/y', false],
  ['https://a.org/x', 'https://ann:secret@a.org/y', 'https://a.org/y', true],
])('a redirect from %s to %s goes to %s; credentials along: %s', (from, location, to, along) => {
  const next = nextAsk(ask(from), 302, location);
  expect([next.url.href, next.credentials]).toEqual([to, along ? { authorization: 'Bearer canary' } : {}]);
  expect(next.headers).toEqual({ range: 'bytes=5-' });
});

test.each([
  ['https://a.org/x', 'http://a.org/y'],
  ['https://a.org/x', 'http://b.org/y'],
  ['https://a.org/x', 'file:///etc/passwd'],
  ['http://a.org/x', 'ftp://a.org/y'],
  ['https://a.org/x', 'https://['],
  ['https://a.org/x', undefined],
])('a redirect from %s to %s is not followed', (from, location) => {
  expect(() => nextAsk(ask(from), 302, location)).toThrow(Failed);
});

test.each([
  [301, 'GET'],
  [302, 'GET'],
  [303, 'GET'],
  [307, 'POST'],
  [308, 'POST'],
] as const)('a POST that is redirected with %i becomes a %s', (status, method) => {
  const next = nextAsk(ask('https://a.org/x', { method: 'POST', body: '{}' }), status, '/y');
  expect([next.method, next.body]).toEqual([method, method === 'POST' ? '{}' : undefined]);
});

test('retryAfterMs() reads seconds and HTTP dates', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(retryAfterMs('120', now)).toBe(120_000);
  expect(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
  expect(retryAfterMs('Wed, 31 Dec 2025 23:00:00 GMT', now)).toBe(0);
  expect(retryAfterMs('soon', now)).toBeUndefined();
  expect(retryAfterMs(undefined, now)).toBeUndefined();
});

const reported = (code: string): Failure =>
  networkFailure(Object.assign(new Error('canary'), { code }), new URL('https://a.org/x?sig=canary'));

test('networkFailure() tells what may pass from what will not, and quotes no message', () => {
  expect(reported('ECONNREFUSED')).toMatchObject({ transient: true });
  expect(reported('ENOTFOUND')).toMatchObject({ transient: false });
  expect(reported('CERT_HAS_EXPIRED')).toMatchObject({
    transient: false,
    problem: expect.stringContaining('CERT_HAS_EXPIRED'),
  });
  expect(reported('HPE_INVALID_CONSTANT')).toMatchObject({ transient: true });
  expect(JSON.stringify(['ECONNREFUSED', 'CERT_HAS_EXPIRED', 'X'].map(reported))).not.toContain('canary');
});

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

test('parseJson() refuses what is too deep, too long, or reaches for a prototype, and keeps 64 levels', () => {
  expect(parseJson(nested(64), 'x')).toHaveLength(1);
  expect(() => parseJson(nested(65), 'x')).toThrow(/nested deeper/);
  expect(() => parseJson(nested(1_000_000), 'x')).toThrow(/nested deeper/);
  expect(() => parseJson('[{"a":{"__proto__":{"b":1}}}]', 'x')).toThrow(/__proto__/);
  expect(() => parseJson(`"${'a'.repeat(10_000_000)}"`, 'x')).toThrow(/longer than/);
  expect(parseJson('{"a":', 'x')).toBeUndefined();
});

test('together() goes up as what may pass, and names every source', () => {
  const busy: Failure = { kind: 'network', url: 'https://a.org/x', problem: 'busy', transient: true, retryAfterMs: 5 };
  const gone: Failure = { kind: 'network', url: 'https://b.org/x', problem: 'gone', transient: false };
  const wrong: Failure = { kind: 'integrity', what: 'https://c.org/x', expected: 'one', actual: 'two' };
  const absent: Failure = { kind: 'absent', what: '/srv/x' };
  const both = together([busy, gone]);
  expect(both).toMatchObject({ kind: 'network', url: 'https://a.org/x', transient: true, retryAfterMs: 5 });
  for (const failures of [
    [gone, wrong],
    [wrong, gone],
    [wrong, absent],
    [busy, wrong, absent],
  ]) {
    const { message } = new Failed(together(failures));
    const named = failures.filter((failure) => message.includes('url' in failure ? failure.url : failure.what));
    expect(named).toEqual(failures);
  }
  expect(together([{ kind: 'offline', missing: ['https://a.org/x'] }, absent])).toEqual({
    kind: 'offline',
    missing: ['https://a.org/x', '/srv/x does not exist'],
  });
});

test('a meter tells a burst once, and everything in the end', () => {
  const told: unknown[] = [];
  let fetched = 0;
  const meter = openMeter({
    onProgress: (...position) => told.push(position),
    onFetched: (bytes) => (fetched += bytes),
  });
  for (let done = 1; done <= 1000; done++) meter.moved(done, 1000, 1);
  const burst = told.length;
  meter.flush();
  expect(told[0]).toEqual([1, 1000]);
  expect(told.at(-1)).toEqual([1000, 1000]);
  expect(burst).toBeLessThan(1000);
  expect(fetched).toBe(1000);
});
