import { commit, repo, type Row, sha256, version } from './row.ts';

const node = { kind: 'git', name: 'foo', repo: 'https://git.invalid/foo', commit };
const pack = {
  kind: 'registry',
  name: 'foo',
  id: 'foo',
  version: '1.0.0',
  url: 'https://files.invalid/foo.zip',
  sha256,
  size: 1,
  status: 'active',
};
const model = { path: 'vae/x.safetensors', root: 'models', sources: ['https://files.invalid/x'], sha256, size: 1 };
const wheel = {
  name: 'foo',
  version: '1.0',
  filename: 'foo-1.0-py3-none-any.whl',
  url: 'https://files.invalid/foo-1.0-py3-none-any.whl',
  sha256,
  wanted_by: ['core'],
};
const good = {
  schema_version: 3,
  version_id: 'x',
  version_digest: sha256,
  core: { repo, commit },
  nodes: [],
  models: [],
  python: { version: '3', platforms: [{ platform: 'any', wheels: [] }] },
};
const ours = (lock: unknown) => ({ ...version({}), 'lockfiles/x.lock.json': lock });
const but = (change: object) => ours({ ...good, ...change });
const wheels = (...list: readonly unknown[]) =>
  but({ python: { version: '3', platforms: [{ platform: 'any', wheels: list }] } });

/** Our own lockfiles, which no person writes. */
export const lockfiles: readonly Row[] = (
  [
    {
      what: 'a lockfile that breaks off',
      files: ours('{"schema_version": 3, "nodes": ['),
      says: 'lockfiles/x.lock.json: line 1, column 33: The text ends too early: Expected a value',
    },
    {
      what: 'a lockfile in conflict',
      files: ours('{\n<<<<<<< HEAD\n"schema_version": 3}'),
      says: 'lockfiles/x.lock.json: line 2, column 1: This is a merge conflict of git: resolve it first',
    },
    {
      what: 'a lockfile of the future',
      files: but({ schema_version: 4 }),
      says: 'lockfiles/x.lock.json: schema_version: Found 4: expected 3\nhint: another release or tool wrote this lockfile: write a new one with `pipeline validate`',
    },
    {
      what: 'a lockfile of another version',
      files: but({ version_id: 'y' }),
      says: 'lockfiles/x.lock.json: version_id: Expected x, found y',
    },
    {
      what: 'an unknown key',
      files: but({ modles: [] }),
      says: 'lockfiles/x.lock.json: Unknown key `modles`; did you mean `models`?',
    },
    { what: 'no core', files: but({ core: undefined }), says: 'lockfiles/x.lock.json: core: Missing' },
    {
      what: 'a core at a branch',
      files: but({ core: { repo, commit: 'master' } }),
      says: 'lockfiles/x.lock.json: core.commit: Expected a full commit: 40 (or 64) lower-case hex characters',
    },
    {
      what: 'a node whose name escapes',
      files: but({ nodes: [{ ...node, name: '../evil' }] }),
      says: 'lockfiles/x.lock.json: nodes[0].name: Expected the name of one directory, without `/` or `\\`',
    },
    {
      what: 'a node of no kind',
      files: but({ nodes: [{ ...node, kind: 'svn' }] }),
      says: 'lockfiles/x.lock.json: nodes[0].kind: Expected "git" or "registry" or "local"',
    },
    {
      what: 'a node twice',
      files: but({ nodes: [node, { ...node, repo: 'https://git.invalid/other' }] }),
      says: 'lockfiles/x.lock.json: nodes[1]: The directory custom_nodes/foo is taken by nodes[0]',
    },
    {
      what: 'a release without a hash',
      files: but({ nodes: [{ ...pack, sha256: undefined }] }),
      says: 'lockfiles/x.lock.json: nodes[0].sha256: Missing',
    },
    {
      what: 'a release from a script',
      files: but({ nodes: [{ ...pack, url: 'javascript:alert(1)' }] }),
      says: 'lockfiles/x.lock.json: nodes[0].url: Expected a source: https://, http://, hf://, civitai://, gs:// or file://',
    },
    {
      what: 'a model whose path escapes',
      files: but({ models: [{ ...model, path: '../x' }] }),
      says: 'lockfiles/x.lock.json: models[0].path: A path has no `..`',
    },
    {
      what: 'a model among our own records',
      files: but({ models: [{ ...model, root: 'target', path: '.pipeline/x' }] }),
      says: 'lockfiles/x.lock.json: models[0].path: `.pipeline` is not for others',
    },
    {
      what: 'a model without a source',
      files: but({ models: [{ ...model, sources: [] }] }),
      says: 'lockfiles/x.lock.json: models[0].sources: Expected at least 1',
    },
    {
      what: 'a model with half a hash',
      files: but({ models: [{ ...model, sha256: 'beef' }] }),
      says: 'lockfiles/x.lock.json: models[0].sha256: Expected a SHA-256: 64 lower-case hex characters',
    },
    {
      what: 'a wheel whose name is a path',
      files: wheels({ ...wheel, filename: '../foo-1.0-py3-none-any.whl' }),
      says: 'lockfiles/x.lock.json: python.platforms[0].wheels[0].filename: Expected the name of a wheel, such as demo_lib-1.0-py3-none-any.whl',
    },
    {
      what: 'a package twice',
      files: wheels(wheel, { ...wheel, name: 'Foo' }),
      says: 'lockfiles/x.lock.json: python.platforms[0].wheels[1]: The package foo is taken by python.platforms[0].wheels[0]',
    },
    {
      what: 'a platform twice',
      files: but({
        python: {
          version: '3',
          platforms: [
            { platform: 'any', wheels: [] },
            { platform: 'any', wheels: [] },
          ],
        },
      }),
      says: 'lockfiles/x.lock.json: python.platforms[1]: The platform any with default torch is taken by python.platforms[0]',
    },
    {
      what: 'a variable that ends too early',
      files: but({ env: { A: 'a\u0000b' } }),
      says: 'lockfiles/x.lock.json: env.A: A value has no NUL character',
    },
  ] satisfies readonly Row[]
).map((row) => ({ ...row, args: ['realize', 'x', '--target', 'target'] }));
