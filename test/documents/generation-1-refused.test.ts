import { join } from 'node:path';

import { expect, test } from 'vitest';

import { readVersion } from '../../pipelines/documents/version.ts';
import { core, type Fields, pair, repo, withoutFile } from './generation-1.ts';
import { commit, documentWith, failureOf, pathsBelow, project } from './project.ts';

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

test('a lock on the command line does not go with a document of generation 2', () => {
  const root = project({ 'versions/demo.json': documentWith(), 'other.json': { comfyui: core } });
  expect(failureOf(() => readVersion({ root, id: 'demo', lock: join(root, 'other.json') }))).toBe(
    'versions/demo.json: It says itself what it is made of, and other.json is the lock of a generation 1 version\n' +
      'hint: leave --lock out; or give the lock another --version-id',
  );
});
