import { readFileSync } from 'node:fs';

import { type Failure, describe } from '#engine';
import { afterEach, beforeEach, expect, test } from 'vitest';

import type { HttpOptions } from '../../tasks/tools/http/http.ts';
import { downloads } from '../rig/downloads.ts';
import { type FileServer, startFileServer } from '../rig/file-server.ts';

const rig = downloads();
let elsewhere: FileServer;

beforeEach(async () => {
  elsewhere = await startFileServer();
});

afterEach(() => elsewhere[Symbol.asyncDispose]());

const tokens = { huggingFace: 'canary-hf', civitai: 'canary-civitai' };

/** `rig.server` is Hugging Face; `elsewhere` is where it keeps its files. */
const withTokens = (over: Partial<HttpOptions> = {}): ReturnType<typeof rig.open> =>
  rig.open({ tokens, endpoints: { huggingFace: rig.server.origin, civitai: 'https://civitai.invalid' }, ...over });

const authorizations = (server: FileServer): unknown[] => server.asked.map(({ headers }) => headers.authorization);

test('a token goes to its own service', async () => {
  const always = { fault: 'auth', authorization: 'Bearer canary-hf' } as const;
  rig.server.serve('/o/r/resolve/main/a.bin', rig.body, { always });
  await withTokens().download({ from: ['hf://o/r/a.bin'], ...rig.wanted });
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
});

test('a token goes nowhere else', async () => {
  const url = elsewhere.serve('/a.bin', rig.body);
  await withTokens().download({ from: [url], ...rig.wanted });
  expect(authorizations(elsewhere)).toEqual([undefined]);
});

test('a redirect within the service keeps the token, one to another origin drops it', async () => {
  const stored = elsewhere.serve('/stored.bin', rig.body);
  const moved = rig.server.serve('/moved', '', { always: { fault: 'redirect', to: `${stored}?sig=1`, status: 307 } });
  rig.server.serve('/o/r/resolve/main/a.bin', '', { always: { fault: 'redirect', to: moved } });
  await withTokens().download({ from: ['hf://o/r/a.bin'], ...rig.wanted });
  expect(authorizations(rig.server)).toEqual(['Bearer canary-hf', 'Bearer canary-hf']);
  expect(elsewhere.asked.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ['/stored.bin?sig=1', undefined],
  ]);
  expect(JSON.stringify(elsewhere.asked)).not.toContain('canary');
});

test('a token does not come back with a redirect back', async () => {
  const back = rig.server.serve('/back.bin', rig.body);
  const away = elsewhere.serve('/away', '', { always: { fault: 'redirect', to: back } });
  rig.server.serve('/o/r/resolve/main/a.bin', '', { always: { fault: 'redirect', to: away } });
  await withTokens().download({ from: ['hf://o/r/a.bin'], ...rig.wanted });
  expect(authorizations(rig.server)).toEqual(['Bearer canary-hf', undefined]);
});

test('a user name in an address opens that origin and no other', async () => {
  const stored = elsewhere.serve('/stored.bin', rig.body);
  const url = new URL(rig.server.serve('/a.bin', '', { always: { fault: 'redirect', to: stored } }));
  url.username = 'ann';
  url.password = 'canary';
  await rig.open().download({ from: [url.href], ...rig.wanted });
  expect(authorizations(rig.server)).toEqual([`Basic ${Buffer.from('ann:canary').toString('base64')}`]);
  expect(authorizations(elsewhere)).toEqual([undefined]);
});

test('a broken transfer is resumed through the redirect, and still without the token', async () => {
  const stored = elsewhere.serve('/stored.bin', rig.body, { faults: [{ fault: 'truncate', after: 1_000 }] });
  rig.server.serve('/o/r/resolve/main/a.bin', '', { always: { fault: 'redirect', to: stored } });
  await withTokens().download({ from: ['hf://o/r/a.bin'], ...rig.wanted });
  expect(readFileSync(rig.to).equals(rig.body)).toBe(true);
  expect(elsewhere.asked.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=1000-']);
  expect(authorizations(elsewhere)).toEqual([undefined, undefined]);
});

test('ten redirects are followed, eleven are not', async () => {
  const chain = (length: number): string => {
    let to = rig.serve();
    for (let hop = 0; hop < length; hop++)
      to = rig.server.serve(`/hop-${hop}`, '', { always: { fault: 'redirect', to } });
    return to;
  };
  await rig.open().download({ from: [chain(10)], ...rig.wanted });
  const loop = rig.server.serve('/loop', '', { always: { fault: 'redirect', to: '/loop' } });
  const other = { ...rig.wanted, to: `${rig.to}.second` };
  await expect(rig.open().download({ from: [chain(11)], ...other })).rejects.toThrow(/More than 10 redirects/);
  await expect(rig.open().download({ from: [loop], ...other })).rejects.toThrow(/More than 10 redirects/);
});

test.each([
  [401, {}, /set HF_TOKEN/],
  [403, {}, /set HF_TOKEN/],
  [403, tokens, /the token in HF_TOKEN does not open/],
])('a %i says which variable matters, and never its value', async (status, given, hint) => {
  rig.server.serve('/o/r/resolve/main/a.bin', '', { always: { fault: 'status', status } });
  const failure = await rig.failureOf(withTokens({ tokens: given }).download({ from: ['hf://o/r/a.bin'], to: rig.to }));
  expect(failure).toMatchObject({ kind: 'network', status, transient: false, hint: expect.stringMatching(hint) });
});

test('no failure shows a token, a password or a query', async () => {
  const failures: Failure[] = [];
  const away = `${elsewhere.origin}/away?sig=canary`;
  for (const always of [
    { fault: 'status', status: 401 },
    { fault: 'status', status: 404 },
    { fault: 'status', status: 500 },
    { fault: 'html' },
    { fault: 'reset', after: 0 },
    { fault: 'wrong-length', length: 10 },
    { fault: 'redirect', to: away },
    { fault: 'redirect', to: 'ftp://ann:canary@example.org/x?sig=canary' },
    { fault: 'redirect', to: '/loop?sig=canary' },
  ] as const) {
    const url = new URL(rig.server.serve('/loop', rig.body, { always }));
    url.password = 'canary';
    url.username = 'canary';
    url.search = '?token=canary';
    failures.push(await rig.failureOf(withTokens().download({ from: [url.href], ...rig.wanted })));
    failures.push(await rig.failureOf(withTokens().download({ from: [url.href, away], ...rig.wanted })));
    url.username = url.password = '';
    failures.push(await rig.failureOf(withTokens().json(url.href)));
  }
  failures.push(await rig.failureOf(withTokens({ offline: true }).json(`${rig.server.origin}/x?token=canary`)));
  failures.push(
    await rig.failureOf(withTokens({ tokens: { huggingFace: 'can\nary' } }).json(`${rig.server.origin}/x`)),
  );
  for (const failure of failures) expect(JSON.stringify([failure, describe(failure)])).not.toMatch(/canary|can\\nary/);
});
