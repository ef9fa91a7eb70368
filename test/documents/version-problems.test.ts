import { expect, test } from 'vitest';

import { readVersion } from '../../pipelines/documents/version.ts';
import { documentWith, failureOf, messageOf, pathsBelow, project } from './project.ts';

const repo = 'https://git.example/x';
const core = { repo: 'https://git.example/core' };
const url = 'https://host.example/x.pt';
const gitUrl = 'Expected a git URL: https://, http://, ssh://, git@host:path or file://';

test.each<[fields: Readonly<Record<string, unknown>>, message: string]>([
  [{ version_id: null }, 'version_id: Missing'],
  [
    { version_id: '../../etc' },
    'version_id: Expected a version id: 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit',
  ],
  [{ id: 'other' }, 'id: Says the same as `version_id`, but differently: keep one'],
  [{ comfy: null }, 'comfy.repo: Missing: the repository of ComfyUI'],
  [{ comfy: {} }, 'comfy.repo: Missing: the repository of ComfyUI'],
  [{ comfy: 'https://git.example/core' }, 'comfy: Expected an object'],
  [{ comfy: { repo: 'owner/repo' } }, `comfy.repo: ${gitUrl}`],
  [
    { comfy: { ...core, commit: '--upload-pack=id' } },
    'comfy.commit: Expected the name of a branch or tag, as git allows it',
  ],
  [{ comfy: { ...core, ref: 'a..b' } }, 'comfy.ref: Expected the name of a branch or tag, as git allows it'],
  [{ custom_nodes: {} }, 'custom_nodes: Expected a list'],
  [
    { extends: '../x' },
    'extends: Expected a version id: 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit',
  ],
  [{ description: 5 }, 'description: Expected text'],
  [{ target: '~/x' }, 'target: Expected a path that is absolute, or relative to the project root'],
  [{ target: '$HOME/x' }, 'target: Expected a path that is absolute, or relative to the project root'],
  [{ python_packages: [{}] }, 'python_packages: Expected text or a list of texts'],
  [{ python_packages: ['a\nb'] }, 'python_packages: A requirement is one line without control characters'],
  [{ python: { version: 3.1 } }, 'python.version: Expected text in quotes: as a number, 3.10 is 3.1'],
  [{ python: { version: '2.7' } }, 'python.version: Expected a version of Python such as 3.11 or 3.11.9'],
  [{ python: { torch: 'cuda' } }, 'python.torch: Expected cpu, xpu, rocm, or such as cu128 or rocm6.4'],
  [
    { python: { index_url: 'https://u:hunter2@host/simple' } },
    'python.index_url: Expected an https://, http:// or file:// URL without credentials',
  ],
  [
    { python: { extra_index_urls: ['https://a', 'b'] } },
    'python.extra_index_urls[1]: Expected an https://, http:// or file:// URL without credentials',
  ],
  [{ env: [] }, 'env: Expected an object'],
  [{ env: { A: {} } }, 'env.A: Expected text'],
  [{ env: { 'A B': '1' } }, 'env.A B: Expected the name of an environment variable: letters, digits and `_`'],
  [{ env: { A: 'a\u0000b' } }, 'env.A: A value has no NUL character'],
  [
    { env: { HF_TOKEN: 'hunter2' } },
    'env.HF_TOKEN: A secret in the clear: write "${HF_TOKEN}", and set HF_TOKEN where you run pipeline',
  ],
  [{ options: { offline: 'maybe' } }, 'options.offline: Expected true or false'],
])('readVersion() of a document with %j says %s', (fields, message) => {
  expect(messageOf(documentWith(fields))).toBe(message);
});

test.each<[title: string, document: unknown, message: string]>([
  ['without schema_version', { version_id: 'demo' }, 'schema_version: Missing: this release reads "schema_version": 2'],
  [
    'of another generation',
    { schema_version: 9 },
    'schema_version: Unknown generation 9: this release reads "schema_version": 2',
  ],
  [
    'with a generation in quotes',
    { schema_version: '2' },
    'schema_version: Unknown generation "2": this release reads "schema_version": 2',
  ],
  ['that is a list', [], 'Expected an object'],
  [
    'that is no JSON',
    '{"schema_version": 2,\n  version_id: "demo"}',
    'line 2, column 3: Expected a key in double quotes',
  ],
])('readVersion() of a document %s', (_, document, message) => {
  expect(messageOf(document)).toBe(message);
});

test('readVersion() says everything that is wrong at once, with the warnings that may explain it', () => {
  const document = documentWith({
    comfy: { repo: 'core' },
    custom_nodes: [{ rep: repo }, { repo, name: 'x/y' }],
    models: [{}, { source: url, path: 'x.pt', checksum: 'x' }],
    env: { A: [], GITHUB_TOKEN: 'hunter2' },
  });
  expect(messageOf(document).split('\n')).toEqual([
    '7 problems',
    `  comfy.repo: ${gitUrl}`,
    '  custom_nodes[1].name: Expected the name of one directory, without `/` or `\\`',
    '  models[0]: Empty: give at least `source` and `target_path`',
    '  models[1].checksum: Expected sha256:<64 hex characters> or md5:<32 hex characters>',
    '  env.A: Expected text',
    '  env.GITHUB_TOKEN: A secret in the clear: write "${GITHUB_TOKEN}", and set GITHUB_TOKEN where you run pipeline',
    '  custom_nodes[0]: Does not say where the node comes from: give `repo`, `id` or `path`',
    'hint: custom_nodes[0].rep: Unknown key, ignored; did you mean `repo`?',
  ]);
});

test.each([
  [
    'demoo',
    'Version demoo (versions/demoo.json) does not exist\nhint: did you mean `demo`? If not, create it with `pipeline create demoo --repo <url>`',
  ],
  [
    'other',
    'Version other (versions/other.json) does not exist\nhint: create it with `pipeline create other --repo <url>`',
  ],
  [
    '../demo',
    '`../demo` is no version id. Expected a version id: 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit',
  ],
])('readVersion() of %s, which is not there', (id, message) => {
  const root = project({ 'versions/demo.json': documentWith(), 'versions/notes.txt': '' });
  expect(failureOf(() => readVersion({ root, id }))).toBe(message);
  expect(pathsBelow(root)).toEqual(['versions', 'versions/demo.json', 'versions/notes.txt']);
});

test('readVersion() in a project without versions', () => {
  expect(failureOf(() => readVersion({ root: project(), id: 'demo' }))).toContain(
    'Version demo (versions/demo.json) does not exist',
  );
});
