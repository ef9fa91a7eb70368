import type { Registry } from '#engine';
import { afterEach, beforeEach, expect, test } from 'vitest';

import type { FileServer } from './rig/file-server.ts';
import { failureOf, type RegistryRig, release, startRegistry } from './rig/registry.ts';

let rig: RegistryRig;
let server: FileServer;
let registry: Registry;

beforeEach(async () => {
  rig = await startRegistry();
  ({ server, registry } = rig);
});

afterEach(() => rig[Symbol.asyncDispose]());

const serve = (path: string, answer: unknown): string => server.serve(path, JSON.stringify(answer));
const asked = (): readonly string[] => server.asked.map(({ path }) => path);

const bulk = '/bulk/nodes/versions';
const answered = (node_id: string, version: string, more: object = {}): object => ({
  identifier: { node_id, version },
  status: 'success',
  node_version: { ...release(version, more), node_id },
});
const serveBulk = (...answers: readonly unknown[]): string => serve(bulk, { node_versions: answers });
const named = (...words: readonly string[]) =>
  words.map((word) => {
    const [id = '', version = ''] = word.split('@');
    return { id, version };
  });

test('many exact releases are one request, and their answers come in the order of the question', async () => {
  serveBulk(answered('b', '2.0.0', { status: 'NodeVersionStatusFlagged' }), answered('a', '1.0.0'));
  expect(await registry.releases(named('a@1.0.0', 'b@2.0.0'))).toEqual([
    { id: 'a', version: '1.0.0', url: 'https://cdn.example.org/foo/1.0.0/node.zip', status: 'active' },
    { id: 'b', version: '2.0.0', url: 'https://cdn.example.org/foo/2.0.0/node.zip', status: 'flagged' },
  ]);
  expect(server.asked.map(({ method, path, body }) => [method, path, JSON.parse(body)])).toEqual([
    [
      'POST',
      bulk,
      {
        node_versions: [
          { node_id: 'a', version: '1.0.0' },
          { node_id: 'b', version: '2.0.0' },
        ],
      },
    ],
  ]);
});

test("at once, too, an id is looked up as given and in the registry's own case", async () => {
  serveBulk({ identifier: { node_id: 'Foo', version: '1.0.0' }, status: 'not_found' }, answered('foo', '1.0.0'));
  expect(await registry.releases(named('Foo@1.0.0'))).toMatchObject([{ id: 'foo', version: '1.0.0' }]);
  expect(asked()).toEqual([bulk]);
});

test('no releases are no request', async () => {
  expect(await registry.releases([])).toEqual([]);
  expect(asked()).toEqual([]);
});

test.each<[string, unknown]>([
  ['not found', { identifier: { node_id: 'a', version: '1.0.0' }, status: 'not_found' }],
  ['an error', { identifier: { node_id: 'a', version: '1.0.0' }, status: 'error', error_message: 'no' }],
  ['without an address', answered('a', '1.0.0', { downloadUrl: '' })],
  ['with an address of this machine', answered('a', '1.0.0', { downloadUrl: 'file:///etc/passwd' })],
  ['of another version', { ...answered('a', '1.0.1'), identifier: { node_id: 'a', version: '1.0.0' } }],
  ['of another pack', answered('c', '1.0.0')],
  ['of another shape', { a: '1.0.0' }],
])('an answer %s is left out, and the others are taken', async (_, answer) => {
  serveBulk(answer, answered('b', '2.0.0'));
  expect(await registry.releases(named('a@1.0.0', 'b@2.0.0'))).toMatchObject([{ id: 'b' }]);
});

test('at once, too, an id that the registry makes up is not believed', async () => {
  serveBulk({
    ...answered('a', '1.0.0'),
    node_version: release('1.0.0', { node_id: '../../evil' }),
  });
  expect(await registry.releases(named('a@1.0.0'))).toMatchObject([{ id: 'a' }]);
});

test.each<[string, () => void]>([
  ['does not know the question', () => {}],
  ['knows no POST', () => void server.serve(bulk, '', { always: { fault: 'status', status: 405 } })],
  ['finds it too large', () => void server.serve(bulk, '', { always: { fault: 'status', status: 413 } })],
  ['breaks at it', () => void server.serve(bulk, '', { always: { fault: 'status', status: 500 } })],
  ['answers with a page', () => void server.serve(bulk, '', { always: { fault: 'html' } })],
  ['answers something else', () => void serve(bulk, { versions: [] })],
  ['answers a list', () => void serve(bulk, [])],
])('nothing is told at once by a registry that %s', async (_, prepare) => {
  prepare();
  expect(await registry.releases(named('a@1.0.0'))).toEqual([]);
});

test.each([429, 503])('a registry that is busy (%i) is asked the same again later, not more', async (status) => {
  server.serve(bulk, '', { always: { fault: 'status', status, headers: { 'retry-after': '7' } } });
  const failure = await failureOf(registry.releases(named('a@1.0.0')));
  expect(failure).toMatchObject({ kind: 'network', status, transient: true, retryAfterMs: 7000 });
});
