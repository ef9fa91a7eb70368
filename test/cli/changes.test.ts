import { expect, test } from 'vitest';

import { compareLocks } from '../../pipelines/documents/compare-locks.ts';
import { Lockfile } from '../../pipelines/documents/lockfile.ts';
import { countChanges, showChanges } from '../../pipelines/cli/show-changes.ts';
import { git, local, lock, model, registry, wheel } from '../documents/lockfiles.ts';

type Fields = Readonly<Record<string, unknown>>;

const a = 'a'.repeat(40);
const b = 'b'.repeat(40);
const c = 'c'.repeat(64);
const d = 'd'.repeat(64);
const core = { repo: 'https://git.example/core', commit: a };
const on = (wheels: readonly Fields[], platform = 'any') => ({
  python: { version: '3.11', platforms: [{ platform, wheels }] },
});
const bare = { core, nodes: [], models: [], ...on([]) };
const built = {
  kind: 'git',
  name: 'foo',
  version: '1.0.0',
  source: { repo: core.repo, commit: a },
  build: [],
  wanted_by: [],
};

const { env: _, options: __, ...plain } = lock as Fields;
const lockWith = (fields: Fields): Lockfile => Lockfile.parse({ ...plain, ...bare, ...fields });
const linesFor = (was: Fields, now: Fields): readonly string[] =>
  showChanges(compareLocks(lockWith(was), lockWith(now)));

const gitAt = (commit: string, ref?: string): Fields => ({
  kind: 'git',
  name: 'foo',
  repo: 'https://git.example/foo',
  commit,
  ...(ref !== undefined && { ref }),
});
const pack = (fields: Fields = {}): Fields => ({
  ...registry,
  name: 'foo',
  version: '1.0.0',
  sha256: c,
  size: 4200,
  ...fields,
});
const foo = (fields: Fields = {}): Fields => ({
  ...wheel,
  name: 'foo',
  version: '1.0.0',
  sha256: c,
  size: 1_500_000,
  ...fields,
});
const big = (fields: Fields = {}): Fields => ({
  ...model,
  root: 'models',
  path: 'x/big.bin',
  sha256: c,
  size: 7_000_000,
  ...fields,
});
const trees = [`tree:${c}`, `tree:${d}`];

test.each<[title: string, was: Fields, now: Fields, line: string]>([
  ['another core', {}, { core: { ...core, commit: b } }, 'changed  core  ComfyUI  aaaaaaa -> bbbbbbb'],
  [
    'the core at a branch',
    {},
    { core: { ...core, ref: 'refs/heads/main' } },
    'changed  core  ComfyUI  aaaaaaa -> aaaaaaa (main)',
  ],
  [
    'the same commit of another repository',
    {},
    { core: { ...core, repo: 'https://git.example/fork' } },
    'changed  core  ComfyUI  aaaaaaa (https://git.example/core) -> aaaaaaa (https://git.example/fork)',
  ],
  ['a node that comes', {}, { nodes: [gitAt(a, 'refs/tags/v1')] }, 'added    node  foo  aaaaaaa (v1)'],
  ['a node that goes', { nodes: [gitAt(a)] }, {}, 'removed  node  foo  aaaaaaa'],
  ['a node at another commit', { nodes: [gitAt(a)] }, { nodes: [gitAt(b)] }, 'changed  node  foo  aaaaaaa -> bbbbbbb'],
  ['a pack that comes', {}, { nodes: [pack()] }, 'added    node  foo  1.0.0  4.2 kB'],
  [
    'a pack of another version',
    { nodes: [pack()] },
    { nodes: [pack({ version: '1.1.0' })] },
    'changed  node  foo  1.0.0 -> 1.1.0  4.2 kB',
  ],
  [
    'a pack whose bytes are others',
    { nodes: [pack()] },
    { nodes: [pack({ sha256: d })] },
    'changed  node  foo  1.0.0 (ccccccc) -> 1.0.0 (ddddddd)  4.2 kB',
  ],
  [
    'a node from git that was a pack',
    { nodes: [pack()] },
    { nodes: [gitAt(a)] },
    'changed  node  foo  1.0.0 -> aaaaaaa',
  ],
  [
    'a local node that was edited',
    { nodes: [{ ...local, name: 'foo', tree: trees[0] }] },
    { nodes: [{ ...local, name: 'foo', tree: trees[1] }] },
    'changed  node  foo  local ccccccc -> local ddddddd',
  ],
  ['a wheel that comes', {}, on([foo()]), 'added    wheel  foo  1.0.0  1.5 MB'],
  ['a wheel that goes', on([foo()]), {}, 'removed  wheel  foo  1.0.0'],
  [
    'a wheel of another version',
    on([foo()]),
    on([foo({ version: '2.0.0', sha256: d })]),
    'changed  wheel  foo  1.0.0 -> 2.0.0  1.5 MB',
  ],
  [
    'a wheel of other bytes',
    on([foo()]),
    on([foo({ sha256: d })]),
    'changed  wheel  foo  1.0.0 (ccccccc) -> 1.0.0 (ddddddd)  1.5 MB',
  ],
  [
    'a wheel that is built now',
    on([foo()]),
    on([built]),
    'changed  wheel  foo  1.0.0 (ccccccc) -> 1.0.0 (built from aaaaaaa)',
  ],
  ['a model that comes', {}, { models: [big()] }, 'added    model  x/big.bin  ccccccc  7.0 MB'],
  ['a model that goes', { models: [big()] }, {}, 'removed  model  x/big.bin  ccccccc'],
  [
    'a model of other bytes',
    { models: [big()] },
    { models: [big({ sha256: d })] },
    'changed  model  x/big.bin  ccccccc -> ddddddd  7.0 MB',
  ],
  ['another Python', {}, { python: { version: '3.12', platforms: [] } }, 'changed  python  version  3.11 -> 3.12'],
  ['a variable that comes', {}, { env: { MODE: 'fast' } }, 'added    env  MODE  fast'],
  [
    'an option that changes',
    { options: { offline: true } },
    { options: { offline: false } },
    'changed  option  offline  true -> false',
  ],
])('a difference: %s', (_title, was, now, line) => {
  expect(linesFor(was, now)).toEqual([line]);
});

test.each<[title: string, was: Fields, now: Fields]>([
  ['who wants a wheel', on([foo({ wanted_by: ['core'] })]), on([foo({ wanted_by: ['foo'] })])],
  ['how a package is spelled', on([foo({ name: 'Foo_Bar' })]), on([foo({ name: 'foo-bar' })])],
  [
    'another mirror of a model',
    { models: [big()] },
    { models: [big({ sources: ['https://mirror.example/big.bin'] })] },
  ],
  ['the order of nodes', { nodes: [gitAt(a), git] }, { nodes: [git, gitAt(a)] }],
])('no difference: %s', (_title, was, now) => {
  expect(compareLocks(lockWith(was), lockWith(now))).toEqual([]);
});

test('a package is one on each platform, where there are several', () => {
  const both = {
    python: {
      version: '3.11',
      platforms: [
        { platform: 'linux-x86_64', wheels: [foo()] },
        { platform: 'macosx-arm64', wheels: [] },
      ],
    },
  };
  expect(linesFor(on([foo()], 'linux-x86_64'), both)).toEqual([]);
  const more = {
    python: { ...both.python, platforms: both.python.platforms.map((block) => ({ ...block, wheels: [foo()] })) },
  };
  expect(linesFor(both, more)).toEqual(['added    wheel  foo (macosx-arm64)  1.0.0  1.5 MB']);
});

test('columns line up, kinds come in one order, and the changes are counted', () => {
  const changes = compareLocks(
    lockWith({ nodes: [gitAt(a)], models: [big()] }),
    lockWith({ nodes: [gitAt(b), { ...pack({ id: 'other-pack' }), name: 'a-longer-name' }], ...on([foo()]) }),
  );
  expect(showChanges(changes)).toEqual([
    'added    node   a-longer-name  1.0.0  4.2 kB',
    'changed  node   foo            aaaaaaa -> bbbbbbb',
    'added    wheel  foo            1.0.0  1.5 MB',
    'removed  model  x/big.bin      ccccccc',
  ]);
  expect(countChanges(changes)).toBe('2 added, 1 changed, 1 removed');
  expect(countChanges([])).toBe('nothing differs');
});
