import { expect, test } from 'vitest';

import { readVersion } from '../../pipelines/documents/version.ts';
import { commit, documentWith, failureOf, project } from './project.ts';

const other = 'b'.repeat(40);
const wishes = { install_requirements: true, run_install: false };
const url = (name: string): string => `https://host.example/${name}`;
const core = { repo: 'https://git.example/core', ref: 'master', commit };

const base = {
  schema_version: 2,
  version_id: 'base',
  description: 'The base',
  target: '/data/base',
  comfy: core,
  custom_nodes: [
    { name: 'a', repo: 'https://git.example/a', commit, ref: 'main', install_requirements: false },
    { id: 'kj', version: '1.0.0' },
    { path: 'nodes/c' },
  ],
  models: [
    { source: url('x'), path: 'vae/x.pt', checksum: 'a'.repeat(64) },
    { source: url('y'), path: 'vae/y.pt' },
  ],
  python: { version: '3.11', torch: 'cu128', overrides: ['a', 'b'] },
  python_packages: ['p', 'q'],
  env: { A: '1', B: '2' },
  options: { skip_models: true },
};
const [a, kj, c] = [
  {
    kind: 'git',
    name: 'a',
    repo: 'https://git.example/a',
    ref: 'main',
    commit,
    install_requirements: false,
    run_install: false,
  },
  { kind: 'registry', id: 'kj', version: '1.0.0', ...wishes },
  { kind: 'local', name: 'c', path: './nodes/c', ...wishes },
];
const [x, y] = [
  { root: 'models', path: 'vae/x.pt', sources: [url('x')], checksum: { algorithm: 'sha256', hex: 'a'.repeat(64) } },
  { root: 'models', path: 'vae/y.pt', sources: [url('y')] },
];

const read = (child: Readonly<Record<string, unknown>>) => {
  const root = project({
    'versions/base.json': base,
    'versions/demo.json': { schema_version: 2, version_id: 'demo', extends: 'base', ...child },
  });
  return readVersion({ root, id: 'demo' }).version;
};

test('a version that only extends is its parent, but for its own id, description and target', () => {
  expect(read({})).toEqual({
    id: 'demo',
    core,
    nodes: [a, kj, c],
    models: [x, y],
    python: { version: '3.11', torch: 'cu128', extra_index_urls: [], overrides: ['a', 'b'], packages: ['p', 'q'] },
    env: { A: '1', B: '2' },
    options: { offline: false, skip_models: true },
  });
});

test.each<[title: string, child: Readonly<Record<string, unknown>>, becomes: Readonly<Record<string, unknown>>]>([
  [
    'another commit of the core leaves the parent branch behind',
    { comfy: { commit: other } },
    { core: { repo: core.repo, commit: other } },
  ],
  [
    'a branch of the core leaves the parent commit behind',
    { comfy: { ref: 'dev' } },
    { core: { repo: core.repo, ref: 'dev' } },
  ],
  [
    'a fork of the core leaves both behind',
    { comfy: { repo: 'https://git.example/fork' } },
    { core: { repo: 'https://git.example/fork' } },
  ],
  ['the same core by another word stays pinned', { comfy: { repo: core.repo } }, { core }],
  [
    'another commit of a node',
    { custom_nodes: [{ name: 'A', commit: other }] },
    {
      nodes: [
        { kind: 'git', name: 'A', repo: a.repo, commit: other, install_requirements: false, run_install: false },
        kj,
        c,
      ],
    },
  ],
  [
    'another wish for a node',
    { custom_nodes: [{ name: 'a', run_install: true }] },
    { nodes: [{ ...a, run_install: true }, kj, c] },
  ],
  [
    'another release of a node',
    { custom_nodes: [{ id: 'KJ', version: '2.0.0' }] },
    { nodes: [a, { kind: 'registry', id: 'KJ', version: '2.0.0', ...wishes }, c] },
  ],
  [
    'a node from elsewhere',
    { custom_nodes: [{ name: 'a', path: 'mine' }] },
    { nodes: [{ kind: 'local', name: 'a', path: './mine', install_requirements: false, run_install: false }, kj, c] },
  ],
  [
    'one more node',
    { custom_nodes: [{ id: 'z' }] },
    { nodes: [a, kj, c, { kind: 'registry', id: 'z', version: 'latest', ...wishes }] },
  ],
  [
    'a model from elsewhere',
    { models: [{ source: url('z'), path: '$MODELS_DIR/vae/x.pt' }] },
    { models: [{ root: 'models', path: 'vae/x.pt', sources: [url('z')] }, y] },
  ],
  ['a size for a model', { models: [{ path: 'vae/y.pt', size: 5 }] }, { models: [x, { ...y, size: 5 }] }],
  [
    'one more model',
    { models: [{ source: url('z'), path: 'z.pt' }] },
    { models: [x, y, { root: 'models', path: 'z.pt', sources: [url('z')] }] },
  ],
  [
    'python field by field',
    { python: { torch: 'cpu', overrides: [] } },
    { python: { version: '3.11', torch: 'cpu', extra_index_urls: [], overrides: [], packages: ['p', 'q'] } },
  ],
  [
    'its own packages',
    { python_packages: ['r'] },
    { python: { version: '3.11', torch: 'cu128', extra_index_urls: [], overrides: ['a', 'b'], packages: ['r'] } },
  ],
  ['env by name', { env: { B: '3', C: '4' } }, { env: { A: '1', B: '3', C: '4' } }],
  ['options by name', { options: { offline: true } }, { options: { offline: true, skip_models: true } }],
])('the child wins: %s', (_, child, becomes) => {
  const version: Readonly<Record<string, unknown>> = { ...read(child) };
  expect(Object.fromEntries(Object.keys(becomes).map((key) => [key, version[key]]))).toEqual(becomes);
});

test('a grandparent is read below the parent', () => {
  const root = project({
    'versions/one.json': documentWith({ version_id: 'one', env: { A: '1', B: '1', C: '1' } }),
    'versions/two.json': { schema_version: 2, id: 'two', extends: 'one', env: { B: '2', C: '2' } },
    'versions/three.json': { schema_version: 2, id: 'three', extends: 'two', env: { C: '3' } },
  });
  expect(readVersion({ root, id: 'three' }).version.env).toEqual({ A: '1', B: '2', C: '3' });
});

const link = (id: string, parent: string): Readonly<Record<string, unknown>> =>
  documentWith({ version_id: id, extends: parent });

test('versions that extend each other are refused with their chain', () => {
  const root = project({
    'versions/a.json': link('a', 'b'),
    'versions/b.json': link('b', 'c'),
    'versions/c.json': link('c', 'a'),
    'versions/self.json': link('self', 'self'),
  });
  expect(failureOf(() => readVersion({ root, id: 'a' }))).toBe(
    'versions/a.json: extends: Versions extend each other in a circle: a -> b -> c -> a',
  );
  expect(failureOf(() => readVersion({ root, id: 'self' }))).toBe(
    'versions/self.json: extends: Versions extend each other in a circle: self -> self',
  );
});

test('a chain has at most 16 versions', () => {
  const ids = Array.from({ length: 17 }, (_, index) => `v${index}`);
  const chain = (length: number): string =>
    project(
      Object.fromEntries(
        ids
          .slice(0, length)
          .map((id, index) => [
            `versions/${id}.json`,
            index + 1 === length ? documentWith({ version_id: id }) : link(id, ids[index + 1]!),
          ]),
      ),
    );
  expect(readVersion({ root: chain(16), id: 'v0' }).version.core).toEqual({ repo: 'https://git.example/core' });
  expect(failureOf(() => readVersion({ root: chain(17), id: 'v0' }))).toBe(
    `versions/v0.json: extends: More than 16 versions extend one another: ${ids.join(' -> ')}`,
  );
});

test('a parent that is not there is named with the document that wants it', () => {
  const root = project({ 'versions/base.json': base, 'versions/demo.json': link('demo', 'bace') });
  expect(failureOf(() => readVersion({ root, id: 'demo' }))).toBe(
    'Version bace (versions/bace.json), which versions/demo.json extends, does not exist\nhint: did you mean `base`? If not, create it with `pipeline create bace --repo <url>`',
  );
});

test('problems say which document they are in', () => {
  const root = project({
    'versions/base.json': { ...base, env: { A: [] } },
    'versions/demo.json': {
      schema_version: 2,
      version_id: 'demo',
      extends: 'base',
      models: [{}],
      custom_nodes: [{ name: 'z', repo: 'https://git.example/a' }],
    },
  });
  expect(failureOf(() => readVersion({ root, id: 'demo' })).split('\n')).toEqual([
    'versions/demo.json: 3 problems',
    '  models[0]: Empty: give at least `source` and `target_path`',
    '  versions/base.json: env.A: Expected text',
    '  custom_nodes[0]: The repository https://git.example/a is taken by versions/base.json: custom_nodes[0]',
  ]);
});
