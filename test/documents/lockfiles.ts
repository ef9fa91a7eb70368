import * as fc from 'fast-check';

import { commit } from './project.ts';

/** The digest of everything in these lockfiles. */
export const sha256 = 'c'.repeat(64);
/** A node from git. */
export const git = {
  kind: 'git',
  name: 'b',
  repo: 'https://git.example/b',
  ref: 'refs/heads/main',
  commit,
  tree: 'd'.repeat(40),
  run_install: true,
};
/** A node from the registry. */
export const registry = {
  kind: 'registry',
  name: 'a',
  id: 'kj',
  version: '1.1.2',
  url: 'https://r.example/a.zip',
  sha256,
  size: 7,
  status: 'active',
};
/** A node from a directory. */
export const local = { kind: 'local', name: 'c', path: './nodes/c', tree: `tree:${sha256}` };
/** A wheel. */
export const wheel = {
  name: 'demo-lib',
  version: '1.0',
  url: 'https://i.example/demo_lib-1.0-py3-none-any.whl',
  sha256,
  size: 5,
  filename: 'demo_lib-1.0-py3-none-any.whl',
  wanted_by: ['core', 'b'],
};
/** A model. */
export const model = { path: 'vae/x.pt', root: 'models', sources: ['hf://o/r/x.pt', './files/x.pt'], sha256, size: 9 };
/** A lockfile with something of everything, in no order. */
export const lock = {
  schema_version: 3,
  version_id: 'demo',
  version_digest: sha256,
  core: { repo: './git/core', commit },
  nodes: [git, registry, local],
  python: {
    version: '3.11',
    platforms: [
      { platform: 'linux-x86_64', torch: 'cu128', wheels: [] },
      { platform: 'linux-x86_64', torch: 'cpu', wheels: [{ ...wheel, name: 'zeta' }, wheel] },
    ],
  },
  models: [model, { ...model, path: 'a.pt' }],
  env: { B: '${B}', A: '1' },
};

const hex = (length: number) => fc.nat().map((number) => number.toString(16).padStart(length, '0'));
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const line = fc.stringMatching(/^[ -~é"\\]{1,12}$/);
const optional = <T>(field: string, value: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.constant({}),
    value.map((known) => ({ [field]: known })),
  );
const merged = (...parts: readonly fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((objects) => Object.assign({}, ...objects) as Record<string, unknown>);
const pin = merged(fc.record({ commit: hex(40) }), optional('ref', word), optional('tree', hex(64)));
const nodeOf = (name: string) =>
  merged(
    fc.oneof(
      merged(fc.constant({ kind: 'git', repo: `https://git.example/${name}` }), pin),
      fc.record({
        kind: fc.constant('registry'),
        id: fc.constant(name),
        version: fc.constantFrom('1.0.0', '2.1.0-a'),
        url: fc.webUrl(),
        sha256: hex(64),
        size: fc.nat(),
        status: line,
      }),
      fc.record({
        kind: fc.constant('local'),
        path: fc.constant(`../${name}`),
        tree: hex(64).map((digest) => `tree:${digest}`),
      }),
    ),
    fc.constant({ name }),
    optional('install_requirements', fc.boolean()),
  );
const wheelOf = (name: string) =>
  merged(
    fc.record({
      name: fc.constant(name),
      version: word,
      url: fc.webUrl(),
      sha256: hex(64),
      filename: fc.constant(`${name}-1-py3-none-any.whl`),
      wanted_by: fc.array(line, { maxLength: 3 }),
    }),
    optional('size', fc.nat()),
  );
const modelOf = (name: string) =>
  fc.record({
    path: fc.constant(`m/${name}.pt`),
    root: fc.constantFrom('models', 'target'),
    sources: fc.array(fc.webUrl(), { minLength: 1, maxLength: 3 }),
    sha256: hex(64),
    size: fc.nat(),
  });
const listOf = <T>(element: (name: string) => fc.Arbitrary<T>) =>
  fc.uniqueArray(word, { maxLength: 4 }).chain((names) => fc.tuple(...names.map(element)));
/** Lockfiles of every shape, their lists in any order and without doubles. */
export const lockfiles = merged(
  fc.record({
    schema_version: fc.constant(3),
    version_id: word,
    version_digest: hex(64),
    core: pin.map((known) => ({ repo: 'https://git.example/core', ...known })),
    nodes: listOf(nodeOf),
    python: fc.record({
      version: fc.constantFrom('3', '3.11'),
      platforms: listOf((name) =>
        merged(
          fc.record({ platform: fc.constant(name), wheels: listOf(wheelOf) }),
          optional('torch', fc.constant('cpu')),
        ),
      ),
    }),
    models: listOf(modelOf),
  }),
  optional('env', fc.dictionary(word, line)),
  optional('options', optional('skip_models', fc.boolean())),
);
