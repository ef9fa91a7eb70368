import { expect, test } from 'vitest';

import { blobOf, sha256Of } from '#cache';
import { Failed, keyOf, type Python, type SiteTools } from '#engine';
import { buildWheel } from '../../tasks/build-wheel.ts';
import { resolveWheels } from '../../tasks/resolve-wheels.ts';

const interpreter = { path: '/usr/bin/python3', version: '3.11.7', cacheTag: 'cpython-311', platform: 'linux-x86_64' };
const [old, recent] = ['a'.repeat(40), 'b'.repeat(40)];
const sha256 = sha256Of('x');

type Asked = Parameters<Python['resolve']>[0];

/** Tools that remember what was asked of them. `main` of every repository is at the recent commit. */
function world() {
  const asked: Asked[] = [];
  const downloaded: string[] = [];
  const tools = {
    git: {
      resolve: async ({ ref = 'main' }: { ref?: string }) => ({ commit: recent, ref: `refs/heads/${ref}` }),
      checkout: async () => ({ tree: old }),
    },
    http: {
      download: async ({ from }: { from: readonly string[] }) => {
        downloaded.push(from[0]!);
        return { sha256, size: 1, from: from[0]! };
      },
    },
    store: {
      scratch: async () => '/scratch',
      has: async () => true,
      keepFile: async () => blobOf(sha256),
      pathOf: (digest: string) => `/store/${digest}`,
    },
    report: { note: () => {} },
    python: {
      resolve: async (what: Asked) => {
        asked.push(what);
        return { packages: [], notes: [] };
      },
    },
  } as unknown as SiteTools;
  const run = (input: object) =>
    resolveWheels.run(
      resolveWheels.input.parse({
        overrides: [],
        interpreter,
        platform: 'linux-x86_64',
        extraIndexUrls: [],
        ...input,
      }),
      tools,
    );
  return { asked, downloaded, run };
}

const asker = (...requirements: readonly object[]) => [{ name: 'foo', requirements }];
const cloned = {
  line: 'cloned @ git+https://host/cloned@main',
  name: 'cloned',
  where: 'foo/requirements.txt:1',
  source: { kind: 'git', repo: 'https://host/cloned', ref: 'main' },
};
const lockedClone = (ref = 'refs/heads/main') => ({
  kind: 'git',
  name: 'cloned',
  version: '1.0',
  source: { repo: 'https://host/cloned', commit: old, ref },
  build: [],
  wanted_by: [],
});
const file = {
  line: 'direct @ https://host/direct-1.0-py3-none-any.whl',
  name: 'direct',
  where: 'foo/requirements.txt:2',
  source: { kind: 'wheel', url: 'https://host/direct-1.0-py3-none-any.whl' },
};

test('nobody is asked again while the same is asked, and what was asked does not depend on the platform', async () => {
  const { asked, run } = world();
  const askers = asker({ line: 'numpy', where: 'foo/requirements.txt:1' });
  const first = await run({ askers });
  const wheels = [
    {
      name: 'numpy',
      version: '2.1',
      filename: 'numpy-2.1-py3-none-any.whl',
      url: 'https://host/n.whl',
      sha256,
      wanted_by: [],
    },
  ];
  expect(await run({ askers, before: { asked: first.asked, wheels, moving: [] }, platform: 'macosx-arm64' })).toEqual({
    asked: first.asked,
    wheels,
  });
  expect(asked).toHaveLength(1);
  await run({ askers, before: { asked: first.asked, wheels, moving: ['numpy'] } });
  expect(asked[1]?.kept).toEqual([]);
  const moved = await run({
    askers: asker({ line: 'numpy', where: 'foo/requirements.txt:2' }),
    before: { asked: first.asked, wheels, moving: [] },
  });
  expect(asked[2]?.kept).toMatchObject([{ name: 'numpy', version: '2.1' }]);
  expect(moved.asked).not.toBe(first.asked);
});

test('a branch stays at its commit, and an address at its bytes, until they are to move', async () => {
  const { asked, downloaded, run } = world();
  const held = () => asked.at(-1)!.lines.map((line) => line.held!.pinned);
  const wheel = {
    name: 'direct',
    version: '1.0',
    filename: 'direct-1.0-py3-none-any.whl',
    url: file.source.url,
    sha256: sha256Of('before'),
    wanted_by: [],
  };
  const before = { wheels: [lockedClone(), wheel], moving: [] as string[] };
  await run({ askers: asker(cloned, file), before });
  expect(held()).toMatchObject([{ commit: old, ref: 'refs/heads/main' }, { sha256: sha256Of('before') }]);
  expect(downloaded).toEqual([]);
  await run({ askers: asker(cloned, file), before: { ...before, moving: ['cloned', 'direct'] } });
  expect(held()).toMatchObject([
    { commit: recent, ref: 'refs/heads/main' },
    { sha256, filename: 'direct-1.0-py3-none-any.whl' },
  ]);
  expect(downloaded).toEqual([file.source.url]);
  await run({ askers: asker(cloned), before: { ...before, wheels: [lockedClone('refs/heads/other')] } });
  expect(held()).toMatchObject([{ commit: recent }]);
});

test('an override takes the place of what names its package, wherever that came from', async () => {
  const { asked, run } = world();
  const edited = {
    line: '-e git+https://host/x#egg=edited',
    name: 'edited',
    where: 'foo/requirements.txt:3',
    refused: 'it is editable',
  };
  const overrides = ['cloned', 'edited'].map((name) => ({ line: `${name}==1.0`, name, where: 'python.overrides' }));
  await run({ askers: asker(cloned, edited), overrides });
  expect(asked[0]?.lines).toEqual([
    { line: 'cloned', where: 'foo/requirements.txt:1' },
    { line: 'edited', where: 'foo/requirements.txt:3' },
  ]);
  const failure: unknown = await run({ askers: asker(cloned, edited) }).catch((error: unknown) => error);
  expect(failure instanceof Failed && failure.failure).toMatchObject({
    kind: 'refused',
    what: 'foo/requirements.txt:3 (-e git+https://host/x#egg=edited)',
    because: 'it is editable',
  });
  expect(asked).toHaveLength(1);
});

test('what is compiled is one answer for its source, its Python, its platform, and the code it is made for', () => {
  const tree = `tree:${sha256}`;
  const usual = {
    name: 'crafted',
    version: '1.0',
    fetched: { source: blobOf(sha256) },
    tools: [{ installed: tree }],
    against: [{ name: 'numpy', version: '2.1' }],
    interpreter,
  };
  const key = (change: object): string =>
    keyOf(buildWheel, buildWheel.identity!(buildWheel.input.parse({ ...usual, ...change })));
  for (const same of [
    { tools: [] },
    { name: 'other', version: '2.0' },
    { interpreter: { ...interpreter, path: '/elsewhere', version: '3.11.9' } },
  ])
    expect(key(same)).toBe(key({}));
  for (const other of [
    { fetched: { source: blobOf(sha256Of('y')) } },
    { subdirectory: 'python' },
    { against: [] },
    { against: [{ name: 'numpy', version: '1.26' }] },
    { interpreter: { ...interpreter, cacheTag: 'cpython-312' } },
    { interpreter: { ...interpreter, platform: 'linux-aarch64' } },
  ])
    expect(key(other)).not.toBe(key({}));
});
