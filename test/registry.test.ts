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
const serveVersions = (...releases: readonly object[]): string => serve('/nodes/comfyui-foo/versions', releases);
const asked = (): readonly string[] => server.asked.map(({ path }) => path);

test('one request answers an exact version', async () => {
  serveVersions(release('1.0.1'), release('1.0.2'), release('1.0.10'));
  expect(await registry.release({ id: 'comfyui-foo', version: '1.0.2' })).toEqual({
    id: 'comfyui-foo',
    version: '1.0.2',
    url: 'https://cdn.example.org/foo/1.0.2/node.zip',
    status: 'active',
  });
  expect(asked()).toEqual(['/nodes/comfyui-foo/versions']);
});

test('v1.0.2 reads as 1.0.2, and a version that is no semver is found as it is', async () => {
  serveVersions(release('1.0.2'), release('2024-01'));
  expect(await registry.release({ id: 'comfyui-foo', version: 'v1.0.2' })).toMatchObject({ version: '1.0.2' });
  expect(await registry.release({ id: 'comfyui-foo', version: '2024-01' })).toMatchObject({ version: '2024-01' });
});

test('another build is another version', async () => {
  serveVersions(release('1.0.0+1'));
  expect(await failureOf(registry.release({ id: 'comfyui-foo', version: '1.0.0+2' }))).toMatchObject({
    kind: 'absent',
  });
  expect(await registry.release({ id: 'comfyui-foo', version: 'v1.0.0+1' })).toMatchObject({ version: '1.0.0+1' });
});

test('an id that the registry makes up is not believed', async () => {
  serveVersions(release('1.0.0', { node_id: '../../evil' }), release('1.1.0', { node_id: 'ComfyUI-Foo' }));
  expect(await registry.release({ id: 'comfyui-foo', version: '1.0.0' })).toMatchObject({ id: 'comfyui-foo' });
  expect(await registry.release({ id: 'comfyui-foo', version: '1.1.0' })).toMatchObject({ id: 'ComfyUI-Foo' });
});

test.each<[string, readonly object[], string]>([
  ['the highest by number, not by text', [release('1.9.0'), release('1.10.0'), release('1.2.0')], '1.10.0'],
  ['an active one', [release('1.0.0'), release('2.0.0', { status: 'NodeVersionStatusFlagged' })], '1.0.0'],
  ['no prerelease', [release('1.0.0'), release('2.0.0-rc.1')], '1.0.0'],
  ['a prerelease when there is nothing else', [release('2.0.0-rc.1'), release('2.0.0-rc.2')], '2.0.0-rc.2'],
  ['what is no semver when there is nothing else', [release('nightly-1')], 'nightly-1'],
  ['the proper one of both', [release('9999'), release('0.1.0')], '0.1.0'],
  ['a prerelease rather than what is no semver', [release('nightly-1'), release('1.0.0-rc.1')], '1.0.0-rc.1'],
  ['the later build', [release('1.0.0+1'), release('1.0.0+2')], '1.0.0+2'],
])('latest is %s', async (_, releases, version) => {
  serveVersions(...releases);
  expect(await registry.release({ id: 'comfyui-foo', version: 'latest' })).toMatchObject({ version });
});

test.each([
  [{ status: 'NodeVersionStatusActive' }, 'active'],
  [{ status: 'NodeVersionStatusActive', deprecated: true }, 'deprecated'],
  [{ status: 'NodeVersionStatusPending' }, 'pending'],
  [{ status: 'NodeVersionStatusFlagged' }, 'flagged'],
  [{ status: 'NodeVersionStatusBanned', deprecated: true }, 'banned'],
  [{ status: null, deprecated: null }, 'active'],
])('%j is recorded as %s', async (fields, status) => {
  serveVersions(release('1.0.0', fields));
  expect(await registry.release({ id: 'comfyui-foo', version: '1.0.0' })).toMatchObject({ status });
});

test('a version that the list leaves out is asked for by name', async () => {
  serveVersions(release('1.0.0'));
  serve('/nodes/comfyui-foo/versions/1.1.0', release('1.1.0', { status: 'NodeVersionStatusBanned' }));
  expect(await registry.release({ id: 'comfyui-foo', version: '1.1.0' })).toMatchObject({ status: 'banned' });
});

test('an unknown version lists what there is, newest first, at most fifteen', async () => {
  serveVersions(...Array.from({ length: 20 }, (_, minor) => release(`1.${minor}.0`)));
  const failure = await failureOf(registry.release({ id: 'comfyui-foo', version: '9.9.9' }));
  expect(failure).toEqual({
    kind: 'absent',
    what: 'comfyui-foo@9.9.9',
    hint: `Available versions: ${Array.from({ length: 15 }, (_, index) => `1.${19 - index}.0`).join(', ')}, ...`,
  });
});

test('latest of nothing but flagged releases is absent, with what there is', async () => {
  serveVersions(release('1.0.0', { status: 'NodeVersionStatusFlagged' }));
  const failure = await failureOf(registry.release({ id: 'comfyui-foo', version: 'latest' }));
  expect(failure).toMatchObject({ kind: 'absent', hint: 'Available versions: 1.0.0' });
});

test('an unknown pack is absent', async () => {
  expect(await failureOf(registry.release({ id: 'nobody', version: 'latest' }))).toMatchObject({ kind: 'absent' });
});

test.each(['..', '.', '../x', 'a/b', 'a?b', '-rf', ''])('the id %j asks for nothing', async (id) => {
  expect(await failureOf(registry.release({ id, version: 'latest' }))).toMatchObject({ kind: 'absent' });
  expect(asked()).toEqual([]);
});

test("an id is looked up as given, then in the registry's own case", async () => {
  serve('/nodes/ComfyUI-Foo', { id: 'comfyui-foo', repository: 'https://github.com/o/foo', name: 'Foo' });
  serveVersions(release('1.0.0'));
  expect(await registry.release({ id: 'ComfyUI-Foo', version: 'latest' })).toMatchObject({
    id: 'comfyui-foo',
    version: '1.0.0',
    repository: 'https://github.com/o/foo',
  });
  expect(asked()).toEqual(['/nodes/ComfyUI-Foo/versions', '/nodes/ComfyUI-Foo', '/nodes/comfyui-foo/versions']);
});

test('only a release without an address costs an install', async () => {
  serveVersions(release('1.0.0', { downloadUrl: '' }), release('1.1.0'));
  serve('/nodes/comfyui-foo/install', release('1.0.0'));
  expect(await registry.release({ id: 'comfyui-foo', version: '1.0.0' })).toMatchObject({
    url: 'https://cdn.example.org/foo/1.0.0/node.zip',
  });
  expect(asked()).toEqual(['/nodes/comfyui-foo/versions', '/nodes/comfyui-foo/install?version=1.0.0']);
});

test.each(['file:///etc/passwd', 'FILE:///etc/passwd', '/etc/passwd', 'C:\\x'])(
  'the address %s is none',
  async (url) => {
    serveVersions(release('1.0.0', { downloadUrl: url }));
    expect(await failureOf(registry.release({ id: 'comfyui-foo', version: '1.0.0' }))).toMatchObject({
      kind: 'absent',
    });
  },
);

test('an answer of another shape, and a registry that is down, are failures of the network', async () => {
  const url = serve('/nodes/comfyui-foo/versions', { versions: 'many' });
  const strange = await failureOf(registry.release({ id: 'comfyui-foo', version: '1.0.0' }));
  expect(strange).toMatchObject({ kind: 'network', url, transient: false });
  server.serve('/nodes/comfyui-foo/versions', '', { always: { fault: 'status', status: 503 } });
  const down = await failureOf(registry.release({ id: 'comfyui-foo', version: '1.0.0' }));
  expect(down).toMatchObject({ kind: 'network', status: 503, transient: true });
});
