import { join } from 'node:path';

import { expect, test } from 'vitest';

import { readVersion, versionDigest } from '../../pipelines/documents/version.ts';
import { core, named, read, repo, type Row, unpinned } from './generation-1.ts';
import { commit, project } from './project.ts';

test('readVersion() of the least pair', () => {
  expect(read({})).toEqual({
    version: {
      id: 'old',
      core,
      nodes: [],
      models: [],
      python: { extra_index_urls: [], overrides: [], packages: [] },
      env: {},
      options: { offline: false, skip_models: false },
    },
    warnings: [],
  });
});

/** What the lock says, what becomes of it, and what a person is told. */
const locks: readonly Row[] = [
  ['no schema_version', { schema_version: undefined }, { id: 'old', core }],
  [
    'models alone',
    {
      schema_version: undefined,
      comfyui: undefined,
      models: [{ name: 'a', source: 'hf://o/r/a.pt', target_path: 'a.pt' }],
    },
    { core: { repo: 'https://github.com/comfyanonymous/ComfyUI' }, models: [{ root: 'models', path: 'a.pt' }] },
    ['comfyui: No `repo`: ComfyUI is taken from https://github.com/comfyanonymous/ComfyUI', `comfyui: ${unpinned}`],
  ],
  ['null sections', { custom_nodes: null, models: null, python: null, version_name: null }, { nodes: [], models: [] }],
  [
    'checksums',
    {
      models: [
        { name: 'a', source: 'hf://o/r/a.pt', target_path: '$MODELS_DIR/a.pt', checksum: ` SHA256: ${'A'.repeat(64)}` },
        { name: 'b', source: 'hf://o/r/b.pt', target_path: '$MODELS_DIR/b.pt', checksum: `md5:${'b'.repeat(32)}` },
        { name: 'c', source: 'hf://o/r/c.pt', target_path: '$MODELS_DIR/c.pt', checksum: 'c'.repeat(64) },
      ],
    },
    {
      models: [
        { path: 'a.pt', checksum: { algorithm: 'sha256', hex: 'a'.repeat(64) } },
        { path: 'b.pt', checksum: { algorithm: 'md5', hex: 'b'.repeat(32) } },
        { path: 'c.pt', checksum: { algorithm: 'sha256', hex: 'c'.repeat(64) } },
      ],
    },
  ],
  [
    'the aliases of models',
    { models: [{ id: 'a', source: 'hf://o/r/a.pt', path: '${COMFY_HOME}/custom_nodes/x/a.pt' }] },
    { models: [{ root: 'target', path: 'custom_nodes/x/a.pt', sources: ['hf://o/r/a.pt'] }] },
  ],
  [
    'models that are there already',
    { models: [{ name: 'dummy', source: null, target_path: '$MODELS_DIR/vae/my model.pt' }, { path: 'b.pt' }] },
    { models: [{ path: 'vae/my model.pt', sources: ['models://vae/my%20model.pt'] }, { sources: ['models://b.pt'] }] },
  ],
  [
    'unknown keys',
    { modles: [], runtime: { cuda: '12' }, comfyui: { repo, commit, comit: 'x' } },
    { core },
    [
      'modles: Unknown key, ignored; did you mean `models`?',
      'runtime: Unknown key, ignored',
      'comfyui.comit: Unknown key, ignored; did you mean `commit`?',
    ],
  ],
];

test.each(named(locks))('a generation 1 lock with $title', ({ says, becomes, warnings }) => {
  const { version, warnings: told } = read(says);
  expect(version).toMatchObject(becomes);
  expect(told).toEqual(warnings);
});

/** What the spec says, what becomes of it, and what a person is told. */
const specs: readonly Row[] = [
  ['schema_version', { schema_version: 1 }, { id: 'old' }],
  ['the alias id', { version_id: undefined, id: 'old' }, { id: 'old' }],
  ['no id', { version_id: undefined }, { id: 'old' }],
  [
    'another id than its file',
    { version_id: 'older' },
    { id: 'older' },
    ['version_id: The file is named old, but the id is older'],
  ],
  ['a target', { target: '/runpod-volume/comfy-old' }, { target: '/runpod-volume/comfy-old' }],
  ['an empty target', { target: '' }, { id: 'old' }],
  [
    'options',
    { options: { offline: true, skip_models: '1', wheels_dir: '/wheels' } },
    { options: { offline: true, skip_models: true }, wheels: '/wheels' },
  ],
  [
    'words for pip',
    {
      options: {
        pip_extra_args: '--no-cache-dir --index-url https://a.example/simple --extra-index-url=https://b.example -q',
      },
    },
    {
      python: {
        index_url: 'https://a.example/simple',
        extra_index_urls: ['https://b.example'],
        pip_extra_args: '--no-cache-dir -q',
      },
    },
  ],
  [
    'unknown keys',
    { lok: 'x', options: { ofline: true } },
    { options: { offline: false } },
    [
      'lok: Unknown key, ignored; did you mean `lock`?',
      'options.ofline: Unknown key, ignored; did you mean `offline`?',
    ],
  ],
  ['null options', { options: null, target: null }, { options: { offline: false, skip_models: false } }],
];

test.each(named(specs))('a generation 1 spec with $title', ({ says, becomes, warnings }) => {
  const { version, warnings: told } = read({}, says);
  expect(version).toMatchObject(becomes);
  expect(told).toEqual(warnings);
});

test('a lock is looked for in the project, then in the working directory', () => {
  const root = project({
    'versions/old.json': { lock: 'locks/a.json' },
    'here/locks/a.json': { comfyui: { repo, commit: 'here' } },
  });
  const cwd = join(root, 'here');
  expect(readVersion({ root, cwd, id: 'old' }).version.core.ref).toBe('here');
  const both = project({
    'versions/old.json': { lock: 'locks/a.json' },
    'locks/a.json': { comfyui: { repo, commit: 'there' } },
    'here/locks/a.json': { comfyui: { repo, commit: 'here' } },
  });
  expect(readVersion({ root: both, cwd: join(both, 'here'), id: 'old' }).version.core.ref).toBe('there');
});

test('a lock alone is a version of the id that is given', () => {
  const root = project({ 'lockfiles/comfy-old.lock.json': { comfyui: core, version_name: 'Old' } });
  const lock = join(root, 'lockfiles/comfy-old.lock.json');
  const { version, file, warnings } = readVersion({ root, id: 'new', lock });
  expect({ id: version.id, core: version.core, file, warnings }).toEqual({ id: 'new', core, file: lock, warnings: [] });
});

test('a lock on the command line is taken instead of the one that the spec names', () => {
  const root = project({
    'versions/old.json': { version_id: 'old', lock: 'gone.json', target: '/data/old' },
    'other.json': { comfyui: { repo, commit: 'other' } },
  });
  const { version } = readVersion({ root, id: 'old', lock: join(root, 'other.json') });
  expect(version).toMatchObject({ core: { ref: 'other' }, target: '/data/old' });
});

test('a document of generation 2 may extend one of generation 1', () => {
  const root = project({
    'versions/child.json': { schema_version: 2, version_id: 'child', extends: 'old', python_packages: ['b'] },
    'versions/old.json': {
      lock: 'old.json',
      target: '/data/old',
      options: { wheels_dir: '/wheels', skip_models: true },
    },
    'old.json': { comfyui: core, custom_nodes: [{ name: 'x', repo: 'https://git.example/x', commit }] },
  });
  const { version, warnings } = readVersion({ root, id: 'child' });
  expect(warnings).toEqual([]);
  expect(version).toMatchObject({
    core,
    nodes: [{ name: 'x', commit }],
    python: { packages: ['b'] },
    options: { skip_models: true },
  });
  expect(version).not.toHaveProperty('wheels');
  expect(version).not.toHaveProperty('target');
});

test('versionDigest() does not depend on a directory of wheels', () => {
  const one = read({}, { options: { wheels_dir: '/wheels' } });
  expect(versionDigest(one.version)).toBe(versionDigest(read({}).version));
});
