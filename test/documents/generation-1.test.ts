import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { readVersion, versionDigest } from '../../pipelines/documents/version.ts';
import { commit, documentWith, failureOf, pathsBelow, project } from './project.ts';

const repo = 'https://git.example/ComfyUI.git';
const core = { repo, commit };
const wishes = { install_requirements: true, run_install: false };
const unpinned = 'No commit: the newest of the default branch is looked up once, and pinned in our lockfile';

type Fields = Readonly<Record<string, unknown>>;

/** A project with a generation 1 spec and its lock, of which the given fields differ from the least. */
function pair(lock: Fields, spec: Fields = {}): string {
  return project({
    'versions/old.json': { version_id: 'old', lock: 'lockfiles/comfy-old.lock.json', ...spec },
    'lockfiles/comfy-old.lock.json': { schema_version: 1, comfyui: { repo, commit, path: null }, ...lock },
  });
}

/** What the pair is, and what a person is told; the names of its files left out. */
function read(lock: Fields, spec?: Fields) {
  const { version, warnings } = readVersion({ root: pair(lock, spec), id: 'old' });
  return { version, warnings: warnings.map(withoutFile) };
}

const withoutFile = (text: string): string =>
  text.replaceAll(/(?:versions\/old\.json|lockfiles\/comfy-old\.lock\.json): /g, '');

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
const locks: readonly (readonly [title: string, lock: Fields, becomes: Fields, warnings?: readonly string[]])[] = [
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
  ['an unpinned core', { comfyui: { repo, commit: null } }, { core: { repo } }, [`comfyui: ${unpinned}`]],
  ['a branch as commit', { comfyui: { repo, commit: 'main' } }, { core: { repo, ref: 'main' } }],
  [
    'a core that is nowhere on this machine',
    { comfyui: { repo: null, commit, path: '/Users/a/ComfyUI' } },
    { core: { repo: 'https://github.com/comfyanonymous/ComfyUI', commit } },
    [
      'comfyui: No `repo`, and /Users/a/ComfyUI is no git repository of this machine: ComfyUI is taken from https://github.com/comfyanonymous/ComfyUI',
    ],
  ],
  [
    'the repository around a core without .git',
    { comfyui: { repo: 'https://git.example/control', commit, path: '/Users/a/ComfyUI' } },
    { core: { repo: 'https://git.example/control' } },
    [
      'A `path` beside a `repo` is not used: /Users/a/ComfyUI',
      'comfyui.repo: Is ComfyUI in it? The directory was called ComfyUI; without a .git of its own, the repository around it was recorded',
    ],
  ],
  [
    'paths of another machine',
    {
      comfyui: { repo, commit, path: '/Users/a/ComfyUI' },
      custom_nodes: [{ name: 'x', repo: 'https://git.example/x', commit, path: '/Users/a/ComfyUI/custom_nodes/x' }],
    },
    { core, nodes: [{ kind: 'git', name: 'x', repo: 'https://git.example/x', commit, ...wishes }] },
    ['A `path` beside a `repo` is not used: /Users/a/ComfyUI and 1 more'],
  ],
  [
    'a node without a name',
    { custom_nodes: [{ repo: 'https://git.example/b/x.git', commit }] },
    { nodes: [{ kind: 'git', name: 'x' }] },
  ],
  [
    'an unpinned node',
    { custom_nodes: [{ name: 'x', repo: 'https://git.example/x', commit: null, path: '' }] },
    { nodes: [{ kind: 'git', name: 'x', repo: 'https://git.example/x', ...wishes }] },
    [`custom_nodes[0]: ${unpinned}`],
  ],
  [
    'a node that is nowhere on this machine',
    { custom_nodes: [{ name: 'x', repo: null, commit: null, path: '/Users/a/x' }] },
    { nodes: [] },
    ['custom_nodes[0]: Left out (x): it has no `repo`, and /Users/a/x is no directory of this machine'],
  ],
  [
    'a node with nothing but a name',
    { custom_nodes: [{ name: 'x' }] },
    { nodes: [] },
    ['custom_nodes[0]: Left out (x): it has no `repo`, and no `path`'],
  ],
  [
    'one repository twice, the second without commit',
    {
      custom_nodes: [
        { name: 'ComfyUI-X', repo: 'https://github.com/a/ComfyUI-X.git', commit },
        { name: 'X', repo: 'https://github.com/a/comfyui-x', commit: null, path: '' },
      ],
    },
    { nodes: [{ name: 'ComfyUI-X', commit }] },
    ['custom_nodes[1]: Left out (X): custom_nodes[0] (ComfyUI-X) is the same repository, and has a commit'],
  ],
  [
    'one repository twice, the first without commit',
    {
      custom_nodes: [
        { name: 'X', repo: 'https://github.com/a/comfyui-x' },
        { name: 'ComfyUI-X', repo: 'https://github.com/a/ComfyUI-X.git', commit },
      ],
    },
    { nodes: [{ name: 'ComfyUI-X', commit }] },
    ['custom_nodes[0]: Left out (X): custom_nodes[1] (ComfyUI-X) is the same repository, and has a commit'],
  ],
  [
    'one repository twice, at two commits',
    {
      custom_nodes: [
        { name: 'a', repo: 'https://git.example/x', commit },
        { name: 'b', repo: 'https://git.example/x/', commit: 'a'.repeat(40) },
      ],
    },
    { nodes: [{ name: 'a', commit }] },
    ['custom_nodes[1]: Left out (b): custom_nodes[0] (a) is the same repository'],
  ],
  [
    'packages',
    {
      python: {
        packages: [
          { name: 'PyYAML', version: '6.0.2', url: null },
          {
            name: 'torch',
            version: '2.3.0+cu124',
            url: 'https://host.example/torch-2.3.0%2Bcu124-cp311-cp311-linux_x86_64.whl',
          },
          { name: 'bare', version: null },
          { name: 'triton', version: '3.0 ; platform_machine == "x86_64"' },
          { name: 'hashed', version: `1.0 --hash=sha256:${'a'.repeat(64)}` },
          { name: 'exact', version: '=1.0' },
        ],
      },
    },
    {
      python: {
        packages: [
          'PyYAML==6.0.2',
          'torch @ https://host.example/torch-2.3.0%2Bcu124-cp311-cp311-linux_x86_64.whl',
          'bare',
          'triton==3.0 ; platform_machine == "x86_64"',
          `hashed==1.0 --hash=sha256:${'a'.repeat(64)}`,
          'exact===1.0',
        ],
      },
    },
  ],
  [
    'a version of Python',
    { python: { version: '3.11.9', interpreter: null, packages: [] } },
    { python: { version: '3.11' } },
  ],
  [
    'an interpreter',
    { python: { interpreter: '/usr/bin/python3.11', packages: [{ name: 'a', version: '1' }] } },
    { python: { packages: ['a==1'] } },
    ['python.interpreter: Not used, as a version has an environment of its own: /usr/bin/python3.11'],
  ],
  [
    'a freeze of macOS',
    {
      python: {
        interpreter: '/Users/a/.venv/bin/python',
        packages: [
          { name: 'torch', version: '2.2.2' },
          { name: 'pyobjc-core', version: '10.3' },
        ],
      },
    },
    { python: { packages: ['torch==2.2.2', 'pyobjc-core==10.3 ; sys_platform == "darwin"'] } },
    [
      'python.interpreter: Not used, as a version has an environment of its own: /Users/a/.venv/bin/python',
      'python.packages: Frozen on macOS, it seems (its interpreter is below /Users; pyobjc-core is for macOS alone; torch 2.2.2 has no CUDA tag): the pins stay, and are resolved for the machine that validates',
    ],
  ],
  [
    'a freeze with a Homebrew interpreter, and CUDA all the same',
    { python: { interpreter: '/opt/homebrew/bin/python3', packages: [{ name: 'torch', version: '2.2.2+cu121' }] } },
    { python: { packages: ['torch==2.2.2+cu121'] } },
    [
      'python.interpreter: Not used, as a version has an environment of its own: /opt/homebrew/bin/python3',
      'python.packages: Frozen on macOS, it seems (its interpreter is below /opt/homebrew): the pins stay, and are resolved for the machine that validates',
    ],
  ],
  [
    'a freeze without CUDA',
    { python: { packages: [{ name: 'torch', version: '2.2.2' }] } },
    { python: { packages: ['torch==2.2.2'] } },
    [
      'python.packages: Frozen without CUDA, it seems (torch 2.2.2 has no CUDA tag): the pins stay, and are resolved for the machine that validates',
    ],
  ],
  [
    'a freeze of Linux whose torch has no tag, but CUDA beside it',
    {
      python: {
        packages: [
          { name: 'torch', version: '2.8.0' },
          { name: 'nvidia-cublas-cu12', version: '12.8.4.1' },
        ],
      },
    },
    { python: { packages: ['torch==2.8.0', 'nvidia-cublas-cu12==12.8.4.1'] } },
  ],
  [
    'wheels of another machine',
    {
      python: {
        packages: [
          { name: 'six', version: null, url: 'file:///croot/six_1644875935023/work' },
          { name: 'a-b', version: '1.0', url: 'file:///Users/a/a_b-1.0-py3-none-any.whl' },
          { name: 'mac', version: null, url: 'https://host.example/mac-2.1-cp311-cp311-macosx_11_0_arm64.whl' },
        ],
      },
    },
    { python: { packages: ['six', 'a-b==1.0', 'mac==2.1'] } },
    [
      'python.packages: Frozen on macOS, it seems (mac is for macOS alone): the pins stay, and are resolved for the machine that validates',
      'python.packages[0].url: Not used, as other machines have no such file: six is taken instead of file:///croot/six_1644875935023/work',
      'python.packages[1].url: Not used, as other machines have no such file: a-b==1.0 is taken instead of file:///Users/a/a_b-1.0-py3-none-any.whl',
      'python.packages[2].url: Not used, as other machines have no such file: mac==2.1 is taken instead of https://host.example/mac-2.1-cp311-cp311-macosx_11_0_arm64.whl',
    ],
  ],
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

test.each(locks.map(([title, lock, becomes, warnings = []]) => ({ title, lock, becomes, warnings })))(
  'a generation 1 lock with $title',
  ({ lock, becomes, warnings }) => {
    const { version, warnings: told } = read(lock);
    expect(version).toMatchObject(becomes);
    expect(told).toEqual(warnings);
  },
);

/** What the spec says, what becomes of it, and what a person is told. */
const specs: readonly (readonly [title: string, spec: Fields, becomes: Fields, warnings?: readonly string[]])[] = [
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

test.each(specs.map(([title, spec, becomes, warnings = []]) => ({ title, spec, becomes, warnings })))(
  'a generation 1 spec with $title',
  ({ spec, becomes, warnings }) => {
    const { version, warnings: told } = read({}, spec);
    expect(version).toMatchObject(becomes);
    expect(told).toEqual(warnings);
  },
);

test.each<[title: string, lock: Fields, spec: Fields, message: string]>([
  ['no lock', {}, { schema_version: 1, lock: null }, 'lock: Missing: the lock that this version is made of'],
  ['a lock that is no text', {}, { lock: 5 }, 'lock: Expected text'],
  [
    'a lock that is not there',
    {},
    { lock: 'x.json' },
    'lock: Neither the project nor the working directory has x.json',
  ],
  [
    'a bad id',
    {},
    { version_id: '../x' },
    'version_id: Expected a version id: 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit',
  ],
  ['a bad target', {}, { target: '~/x' }, 'target: Expected a path that is absolute, or relative to the project root'],
  [
    'an index with a password',
    {},
    { options: { pip_extra_args: '-i https://u:hunter2@a.example' } },
    'options.pip_extra_args: Expected an https://, http:// or file:// URL without credentials',
  ],
  ['an index that is missing', {}, { options: { pip_extra_args: '--index-url' } }, 'options.pip_extra_args: Missing'],
  [
    'a lock of another generation',
    { schema_version: 3 },
    {},
    'schema_version: Found 3: a lock of generation 1 has 1, or none',
  ],
  [
    'a repository with a password',
    { comfyui: { repo: 'https://u:hunter2@git.example/x' } },
    {},
    'comfyui.repo: A git URL holds no credentials: leave them to the credential helper of git',
  ],
  ['nodes that are no list', { custom_nodes: {} }, {}, 'custom_nodes: Expected a list'],
  [
    'a node with a bad name',
    { custom_nodes: [{ name: '../x', repo }] },
    {},
    'custom_nodes[0].name: Expected the name of one directory, without `/` or `\\`',
  ],
  [
    'two repositories for one directory',
    {
      custom_nodes: [
        { name: 'x', repo: 'https://a.example/x', commit },
        { name: 'X', repo: 'https://b.example/x', commit },
      ],
    },
    {},
    'custom_nodes[1]: The directory custom_nodes/x is taken by custom_nodes[0]',
  ],
  ['a package without a name', { python: { packages: [{ version: '1' }] } }, {}, 'python.packages[0].name: Missing'],
  [
    'a package with a bad name',
    { python: { packages: [{ name: '-r x' }] } },
    {},
    'python.packages[0].name: Expected the name of a Python package',
  ],
  [
    'a package on two lines',
    { python: { packages: [{ name: 'a', version: '1\n-e x' }] } },
    {},
    'python.packages[0]: A requirement is one line without control characters',
  ],
  [
    'Python 2',
    { python: { version: '2.7' } },
    {},
    'python.version: Expected a version of Python such as 3.11 or 3.11.9',
  ],
  ['an empty model', { models: [{}] }, {}, 'models[0]: Empty: give at least `source` and `target_path`'],
  [
    'a model without a place',
    { models: [{ name: 'a', source: 'hf://o/r/a.pt' }] },
    {},
    'models[0].target_path: Missing: where does the file go?',
  ],
  [
    'a model that leaves MODELS_DIR',
    { models: [{ source: null, target_path: '$MODELS_DIR/../x.pt' }] },
    {},
    'models[0].target_path: A path has no `..`',
  ],
  [
    'a model that is to be in the target already',
    { models: [{ source: null, target_path: '$COMFY_HOME/x.pt' }] },
    {},
    'models[0].source: Missing: only a model below $MODELS_DIR may be there already',
  ],
  [
    'a checksum of another kind',
    { models: [{ source: 'hf://o/r/a.pt', path: 'a.pt', checksum: 'sha1:00' }] },
    {},
    'models[0].checksum: Expected sha256:<64 hex characters> or md5:<32 hex characters>',
  ],
])('a generation 1 pair with %s is refused', (_, lock, spec, message) => {
  const root = pair(lock, spec);
  const before = pathsBelow(root);
  expect(withoutFile(failureOf(() => readVersion({ root, id: 'old' })).split('\nhint:')[0]!)).toBe(message);
  expect(pathsBelow(root)).toEqual(before);
});

test('a lock where our own lockfile goes is refused before it is overwritten', () => {
  const root = project({
    'versions/comfy-a.json': { version_id: 'comfy-a', lock: 'lockfiles/comfy-a.lock.json' },
    'lockfiles/comfy-a.lock.json': { comfyui: core },
  });
  expect(failureOf(() => readVersion({ root, id: 'comfy-a' }))).toBe(
    'versions/comfy-a.json: lock: Our own lockfile of comfy-a goes there: rename the lock to lockfiles/comfy-comfy-a.lock.json',
  );
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

test('directories that are on this machine are taken: a node as it is, a core when it is a repository', () => {
  const elsewhere = project({ 'node/__init__.py': '', 'core/.git/HEAD': '' });
  const root = pair({
    comfyui: { commit, path: join(elsewhere, 'core') },
    custom_nodes: [{ name: 'out', path: join(elsewhere, 'node') }, { path: 'nodes/in' }],
  });
  mkdirSync(join(root, 'nodes/in'), { recursive: true });
  const { version, warnings } = readVersion({ root, id: 'old' });
  expect(version.core).toEqual({ repo: `file://${elsewhere}/core`, commit });
  expect(version.nodes).toMatchObject([
    { kind: 'local', name: 'out', path: expect.stringMatching(/^(\.\.\/)+.*\/node$/) },
    { kind: 'local', name: 'in', path: './nodes/in' },
  ]);
  const outside = 'Lies outside the project, so other machines do not find it';
  expect(warnings.map(withoutFile)).toEqual([`comfyui.repo: ${outside}`, `custom_nodes[0].path: ${outside}`]);
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

test('a lock on the command line does not go with a document of generation 2', () => {
  const root = project({ 'versions/demo.json': documentWith(), 'other.json': { comfyui: core } });
  expect(failureOf(() => readVersion({ root, id: 'demo', lock: join(root, 'other.json') }))).toBe(
    'versions/demo.json: It says itself what it is made of, and other.json is the lock of a generation 1 version\n' +
      'hint: leave --lock out; or give the lock another --version-id',
  );
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
