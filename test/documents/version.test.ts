import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { readVersion, versionDigest } from '../../pipelines/documents/version.ts';
import { commit, documentWith, project, read } from './project.ts';

const repo = 'https://git.example/x';
const core = { repo: 'https://git.example/core' };
const wishes = { install_requirements: true, run_install: false };
const node = { kind: 'git', name: 'x', repo, ...wishes };
const url = 'https://host.example/x.pt';

test('readVersion() of the least document', () => {
  expect(read({})).toEqual({
    version: {
      id: 'demo',
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

/** What a document says beside the least, what becomes of it, and what a person is told. */
const rows: readonly (readonly [
  title: string,
  says: Readonly<Record<string, unknown>>,
  becomes: Readonly<Record<string, unknown>>,
  warnings?: readonly string[],
])[] = [
  ['the alias id', { version_id: undefined, id: 'demo' }, { id: 'demo' }],
  ['the alias comfyui', { comfy: null, comfyui: { repo } }, { core: { repo } }],
  ['an alias beside its name that says the same', { id: 'demo' }, { id: 'demo' }],
  [
    'null sections',
    { custom_nodes: null, models: null, python_packages: null, env: null, options: null, python: null, extends: null },
    { nodes: [], models: [], env: {} },
  ],
  ['2.0 as schema_version', { schema_version: 2.0 }, { id: 'demo' }],
  [
    'space around texts, and blank ones',
    { version_id: ' demo ', comfy: { repo: ` ${core.repo} `, ref: ' ', commit: '' } },
    { id: 'demo', core },
  ],
  [
    'a description and a target',
    { description: 'For faces', target: '/data/x' },
    { description: 'For faces', target: '/data/x' },
  ],
  ['a commit', { comfy: { ...core, ref: 'master', commit } }, { core: { ...core, ref: 'master', commit } }],
  ['a commit in capitals', { comfy: { ...core, commit: commit.toUpperCase() } }, { core: { ...core, commit } }],
  ['a branch as commit', { comfy: { ...core, commit: 'main' } }, { core: { ...core, ref: 'main' } }],
  [
    'a branch as commit, and the same as ref',
    { comfy: { ...core, commit: 'main', ref: 'main' } },
    { core: { ...core, ref: 'main' } },
  ],
  [
    'a branch as commit, and another as ref',
    { comfy: { ...core, commit: 'main', ref: 'dev' } },
    { core: { ...core, ref: 'main' } },
    ['comfy.commit: Names a branch or tag, so `ref` is ignored'],
  ],
  [
    'half a commit',
    { comfy: { ...core, commit: commit.slice(0, 8) } },
    { core: { ...core, ref: commit.slice(0, 8) } },
    ['comfy.commit: Not a full commit, so it is looked up as a branch or tag; write all 40 characters'],
  ],
  [
    'unknown keys',
    {
      modles: [],
      zzz: 1,
      comfy: { ...core, comit: 'x' },
      custom_nodes: [{ repo, instal_requirements: false }],
      options: { ofline: true },
    },
    { nodes: [node] },
    [
      'modles: Unknown key, ignored; did you mean `models`?',
      'zzz: Unknown key, ignored',
      'comfy.comit: Unknown key, ignored; did you mean `commit`?',
      'custom_nodes[0].instal_requirements: Unknown key, ignored; did you mean `install_requirements`?',
      'options.ofline: Unknown key, ignored; did you mean `offline`?',
    ],
  ],
  ['lax true', { options: { offline: '1', skip_models: 'True' } }, { options: { offline: true, skip_models: true } }],
  ['lax false', { options: { offline: 0, skip_models: 'false' } }, { options: { offline: false, skip_models: false } }],
  [
    'env that is no text',
    { env: { A: 1, B: true, C: null, D: ' x ', E: '${HOME}' } },
    { env: { A: '1', B: 'true', C: '', D: ' x ', E: '${HOME}' } },
  ],
  [
    'a secret by reference',
    { env: { HF_TOKEN: '${HF_TOKEN}', X_API_KEY: '' } },
    { env: { HF_TOKEN: '${HF_TOKEN}', X_API_KEY: '' } },
  ],
  [
    'packages, with flags as they are',
    { python_packages: ['--force-reinstall', ' Pillow ', '', 'onnx>=1'], python: { packages: ['a'] } },
    { python: { extra_index_urls: [], overrides: [], packages: ['a', '--force-reinstall', 'Pillow', 'onnx>=1'] } },
  ],
  [
    'a python block',
    {
      python: {
        version: '3.11',
        index_url: 'https://index.example/simple',
        extra_index_urls: 'https://b.example',
        torch: 'cu128',
        overrides: ['numpy<2'],
      },
    },
    {
      python: {
        version: '3.11',
        index_url: 'https://index.example/simple',
        extra_index_urls: ['https://b.example'],
        torch: 'cu128',
        overrides: ['numpy<2'],
        packages: [],
      },
    },
  ],
];

test.each(rows.map(([title, says, becomes, warnings = []]) => ({ title, says, becomes, warnings })))(
  'readVersion() takes $title',
  ({ says, becomes, warnings }) => {
    const { version, warnings: told } = read(says);
    expect(version).toMatchObject(becomes);
    expect(told).toEqual(warnings);
  },
);

test('readVersion() names the version by its id, whatever the file is called', () => {
  expect(read({ version_id: 'wan22-s2v' }, 'wan22_s2v')).toMatchObject({
    version: { id: 'wan22-s2v' },
    warnings: ['version_id: The file is named wan22_s2v, but the id is wan22-s2v'],
  });
});

test('readVersion() reads a file anywhere, and leaves it as it is', () => {
  const root = project({ 'elsewhere/demo.json': documentWith({ comfy: { repo: './git/core' } }) });
  const file = join(root, 'elsewhere/demo.json');
  const before = readFileSync(file, 'utf8');
  expect(readVersion({ root, file: 'elsewhere/demo.json' })).toMatchObject({
    file,
    version: { core: { repo: './git/core' } },
  });
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('versionDigest() does not depend on where the project is, on order, or on what the lockfile does not hold', () => {
  const entries = [{ repo, commit }, { id: 'kj' }, { path: 'nodes/mine' }];
  const sources = [
    { source: url, path: 'a.pt' },
    { source: 'files/b.pt', path: 'b.pt' },
  ];
  const one = read({
    custom_nodes: entries,
    models: sources,
    description: 'One',
    target: '/data/one',
    env: { A: '1', B: '2' },
  });
  const other = read({
    models: sources.toReversed(),
    custom_nodes: entries.toReversed(),
    env: { B: 2, A: 1 },
    options: {},
  });
  expect(versionDigest(one.version)).toBe(versionDigest(other.version));
});

test.each([
  ['core', { comfy: { ...core, ref: 'x' } }],
  ['nodes', { custom_nodes: [{ repo }] }],
  ['models', { models: [{ source: url, path: 'x.pt' }] }],
  ['python', { python: { torch: 'cpu' } }],
  ['env', { env: { A: '1' } }],
  ['options', { options: { skip_models: true } }],
])('versionDigest() changes with %s', (_, fields) => {
  expect(versionDigest(read(fields).version)).not.toBe(versionDigest(read({}).version));
});
