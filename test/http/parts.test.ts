import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { type Connections, openConnections } from '../../tasks/tools/http/connections.ts';
import type { HttpOptions } from '../../tasks/tools/http/http.ts';
import { downloads } from '../rig/downloads.ts';
import { type Habit, type PartServer, servePartsOf } from '../rig/part-server.ts';

const mib = 1024 ** 2;
const body = randomBytes(40 * mib);
const exact = { sha256: createHash('sha256').update(body).digest('hex'), size: body.length };
const rig = downloads();

/** Connections that remember how many there were at once. */
function few(): Connections & { most(): number } {
  const connections = openConnections({ perHost: 4, inAll: 6 });
  let [now, most] = [0, 0];
  return {
    ...connections,
    most: () => most,
    open(...how) {
      const slot = connections.open(...how);
      if (slot === undefined) return undefined;
      most = Math.max(most, (now += 1));
      return {
        [Symbol.dispose]() {
          slot[Symbol.dispose]();
          now -= 1;
        },
      };
    },
  };
}

/** Fetches `body` from a server of that habit, on its own connections, and answers what the server was asked. */
async function fetched(habit: Habit, over: Partial<HttpOptions> = {}): Promise<PartServer> {
  await using server = await servePartsOf(body, habit);
  const connections = few();
  const http = rig.open({ connections, patience: { headMs: 5_000, bodyMs: 200 }, ...over });
  expect(await http.download({ from: [server.url], to: rig.to, ...exact })).toEqual({ ...exact, from: server.url });
  expect(readFileSync(rig.to).equals(body)).toBe(true);
  return server;
}

test('a large file comes in parts side by side, each of the edition that the first answer was of', async () => {
  const server = await fetched({});
  const [first, ...others] = server.asked;
  expect(first).toMatchObject({ range: undefined, ifRange: undefined });
  expect(others.length).toBeGreaterThan(1);
  for (const { range, ifRange } of others) {
    expect(range).toMatch(/^bytes=\d+-\d+$/);
    expect(ifRange).toBe('"one"');
  }
  expect(server.most()).toBeGreaterThan(1);
});

test('a date stands for an edition where there is no tag', async () => {
  const server = await fetched({ edition: { 'last-modified': 'Wed, 01 Jan 2025 00:00:00 GMT' } });
  expect(server.asked[1]?.ifRange).toBe('Wed, 01 Jan 2025 00:00:00 GMT');
});

test.each<[string, Habit]>([
  ['has no edition', { edition: {} }],
  ['has a weak tag', { edition: { etag: 'W/"one"' } }],
  ['says that it has no parts', { headers: { 'accept-ranges': 'none' } }],
])('a file that %s comes in one piece', async (_, habit) => {
  expect((await fetched(habit)).asked.map(({ range }) => range)).toEqual([undefined]);
});

test('a server that ignores Range is asked for one part, and then left to send everything', async () => {
  const server = await fetched({ ignoresRange: true });
  expect(server.asked.length).toBeLessThanOrEqual(2);
});

test.each<[string, Habit]>([
  ['sends another part than was asked for', { moves: 1_000 }],
  ['sends a part of another size of file', { claims: 50 * mib }],
  ['sends a part of another edition', { editionOfParts: { etag: '"two"' } }],
])('a server that %s gets no second chance: the file is fetched anew', async (_, habit) => {
  const server = await fetched(habit);
  expect(server.asked.at(-1)).toMatchObject({ range: undefined });
  expect(server.asked.filter(({ range }) => range === undefined)).toHaveLength(2);
});

test('a file that changes between two parts is fetched anew, and nothing is mixed', async () => {
  const old = randomBytes(body.length);
  await using server = await servePartsOf(old, { edition: { etag: '"old"' } });
  server.onPart(() => server.change(body, { edition: { etag: '"one"' } }));
  const http = rig.open({ connections: few() });
  await http.download({ from: [server.url], to: rig.to });
  expect(readFileSync(rig.to).equals(body)).toBe(true);
});

test.each<[string, Habit]>([
  ['cut', { fault: 'cut' }],
  ['reset', { fault: 'reset' }],
  ['stalled', { fault: 'stall' }],
])(
  'a connection that is %s in the middle of its part is replaced: only what is missing comes again',
  async (_, habit) => {
    const server = await fetched({ ...habit, faults: 2 });
    expect(server.asked.filter(({ range }) => range === undefined)).toHaveLength(1);
    expect(server.faults()).toBe(0);
  },
);

test('a slow connection is helped: others take half of what it still has to do', async () => {
  const server = await fetched({ slowFirst: true }, { patience: { headMs: 5_000, bodyMs: 30_000 } });
  expect(server.most()).toBeGreaterThan(1);
});

test.each([429, 503])(
  'a server that answers %i to one more connection gets fewer, and the file arrives',
  async (status) => {
    const server = await fetched({ busy: { status, above: 2 } });
    expect(server.refused()).toBeGreaterThan(0);
    expect(server.refused()).toBeLessThanOrEqual(4);
    expect(rig.waits).toEqual([]);
  },
);

test('when nobody is left to go on, Retry-After is waited for', async () => {
  const server = await fetched(
    { cutFirst: 8 * mib, busy: { status: 503, next: 1, retryAfter: 7 } },
    { leastSpread: Infinity },
  );
  expect(rig.waits).toContain(7_000);
  expect(server.asked.at(-1)?.range).toBe(`bytes=${8 * mib}-`);
});

test('an address that opens once only still gives everything', async () => {
  const server = await fetched({ opensOnce: true });
  expect(server.asked.length).toBeLessThanOrEqual(4);
});

test('all transfers share the connections to one host; only their first ones are never refused', async () => {
  await using server = await servePartsOf(body, {});
  const connections = few();
  const places = [1, 2].map((n) => `${rig.to}.${n}`);
  await Promise.all(places.map(async (to) => rig.open({ connections }).download({ from: [server.url], to, ...exact })));
  for (const to of places) expect(readFileSync(to).equals(body)).toBe(true);
  expect(connections.most()).toBe(4);
});

test.each([
  ['one host', { perHost: 2, inAll: 9 }],
  ['all hosts together', { perHost: 9, inAll: 2 }],
])('connections to %s are counted', (_, most) => {
  const connections = openConnections(most);
  const [first] = [connections.open('a'), connections.open('a')];
  expect(connections.open('a')).toBe(undefined);
  expect(connections.open('a', { must: true })).toBeDefined();
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  expect(connections.open('a')).toBe(undefined);
});

test('a host that has had enough gets one less than it has, and never none', () => {
  const connections = openConnections({ perHost: 8, inAll: 8 });
  const slots = ['a', 'a', 'a'].map((host) => connections.open(host));
  connections.spare('a');
  slots[0]?.[Symbol.dispose]();
  expect(connections.open('a')).toBe(undefined);
  expect(connections.open('b')).toBeDefined();
  for (const slot of slots) slot?.[Symbol.dispose]();
  connections.spare('a');
  expect(connections.open('a')).toBeDefined();
});

test('wrong bytes in parts leave nothing behind', async () => {
  await using server = await servePartsOf(randomBytes(body.length), {});
  const failure = await rig.failureOf(rig.open().download({ from: [server.url], to: rig.to, ...exact }));
  expect(failure).toMatchObject({ kind: 'integrity', expected: `sha256 ${exact.sha256}` });
  expect(readdirSync(rig.directory)).toEqual([]);
});
