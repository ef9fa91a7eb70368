import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';
import * as z from 'zod';

import { parseLockfile, readLockfile, renderLockfile, writeLockfile } from '../../pipelines/documents/lockfile.ts';
import { lockfileSchema, versionSchema } from '../../pipelines/documents/schema.ts';
import { versionIds } from '../../pipelines/documents/ids.ts';
import { readVersion } from '../../pipelines/documents/version.ts';
import { commit, documentWith, failureOf, project } from './project.ts';

const checkout = join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(checkout, file), 'utf8');

test.each([
  ['versions/schema.json', versionSchema],
  ['lockfiles/schema.json', lockfileSchema],
])('%s is what is read (`vitest run test/documents/schema.test.ts -u` writes it anew)', async (file, make) => {
  await expect(`${JSON.stringify(make(), null, 2)}\n`).toMatchFileSnapshot(join(checkout, file));
});

/** What somebody else's validator makes of a document: JSON Schema is read back, and nothing of our readers is used. */
const accepts = (schema: z.core.JSONSchema.JSONSchema, document: unknown): boolean =>
  z.fromJSONSchema(schema).safeParse(JSON.parse(JSON.stringify(document))).success;

const repo = 'https://git.example/x';
const source = 'hf://o/r/a.pt';

/** Documents that are read without a word. */
test.each<[title: string, document: unknown]>([
  ['the least', documentWith()],
  ['$schema', documentWith({ $schema: './schema.json' })],
  [
    'aliases',
    { schema_version: 2, id: 'demo', comfyui: { repo }, models: [{ id: 'a', sources: [source], path: 'a.pt' }] },
  ],
  [
    'null sections',
    documentWith({ custom_nodes: null, models: null, python: null, env: null, options: null, description: null }),
  ],
  [
    'null fields',
    documentWith({
      custom_nodes: [{ repo, ref: null, commit, path: null }],
      models: [{ source, path: 'a.pt', checksum: null }],
    }),
  ],
  [
    'lax booleans',
    documentWith({
      options: { offline: '1', skip_models: 0 },
      custom_nodes: [{ repo, install_requirements: 'False' }],
    }),
  ],
  ['env that is no text', documentWith({ env: { A: 1, B: true, C: null } })],
  [
    'one package',
    documentWith({
      python_packages: 'onnx',
      python: { version: '3.11', torch: 'cu128', extra_index_urls: 'https://a.example' },
    }),
  ],
  [
    'nodes of every kind',
    documentWith({
      custom_nodes: [
        { repo, target_dir: '$COMFY_HOME/custom_nodes/x' },
        { id: 'kj', version: 'v1.0.2' },
        { path: '../mine' },
      ],
    }),
  ],
  ['a target', documentWith({ target: '/runpod-volume/comfy-demo' })],
  [
    'a spec of generation 1',
    {
      version_id: 'demo',
      lock: 'lockfiles/comfy-demo.lock.json',
      target: '/x',
      options: { offline: true, wheels_dir: '/wheels', pip_extra_args: '-q' },
    },
  ],
])('versions/schema.json accepts %s, as readVersion() does', (_, document) => {
  const root = project({
    'versions/demo.json': document,
    'lockfiles/comfy-demo.lock.json': { comfyui: { repo, commit } },
  });
  expect(readVersion({ root, id: 'demo' }).warnings).toEqual([]);
  expect(accepts(versionSchema(), document)).toBe(true);
});

/** Whether anybody is told anything when a document is read. */
function isNoticed(root: string): boolean {
  try {
    return readVersion({ root, id: 'demo' }).warnings.length > 0;
  } catch {
    return true;
  }
}

test.each<[title: string, document: unknown]>([
  ['a list', []],
  ['no generation', { version_id: 'demo', comfy: { repo } }],
  ['an unknown generation', { ...documentWith(), schema_version: 9 }],
  ['a generation in quotes', { ...documentWith(), schema_version: '2' }],
  ['an unknown key', documentWith({ modles: [] })],
  ['an unknown key of a node', documentWith({ custom_nodes: [{ repo, comit: commit }] })],
  ['an unknown option', documentWith({ options: { ofline: true } })],
  ['nodes that are no list', documentWith({ custom_nodes: {} })],
  ['a core that is text', documentWith({ comfy: repo })],
  ['a flag that is none', documentWith({ options: { offline: 'maybe' } })],
  ['a version of Python as a number', documentWith({ python: { version: 3.11 } })],
  ['an unknown build of torch', documentWith({ python: { torch: 'cuda' } })],
  ['a bad name of a variable', documentWith({ env: { 'A B': '1' } })],
  ['a directory elsewhere', documentWith({ custom_nodes: [{ repo, target_dir: '/tmp/x' }] })],
  ['a target of a home', documentWith({ target: '~/x' })],
  ['a size that is none', documentWith({ models: [{ source, path: 'a.pt', size: -1 }] })],
  ['a spec without a lock', { version_id: 'demo', target: '/x' }],
])('versions/schema.json refuses %s, as readVersion() does not pass it over', (_, document) => {
  expect(isNoticed(project({ 'versions/demo.json': document }))).toBe(true);
  expect(accepts(versionSchema(), document)).toBe(false);
});

test.each(versionIds(checkout))('versions/%s.json names its schema, fits it, and is read without a word', (id) => {
  const document = JSON.parse(textOf(`versions/${id}.json`)) as Readonly<Record<string, unknown>>;
  expect(document['$schema']).toBe('./schema.json');
  expect(accepts(versionSchema(), document)).toBe(true);
  expect(readVersion({ root: checkout, id }).warnings).toEqual([]);
});

test('wan22-fast is a real version: 7 nodes, 16 entries of models for 14 files, from three kinds of places', () => {
  const entries = (JSON.parse(textOf('versions/wan22-fast.json')) as { models: { source: string }[] }).models;
  const { version } = readVersion({ root: checkout, id: 'wan22-fast' });
  expect([version.nodes.length, entries.length, version.models.length]).toEqual([7, 16, 14]);
  expect(new Set(entries.map((entry) => entry.source.split(':')[0]))).toEqual(new Set(['hf', 'https', 'civitai']));
  expect(version.env).toMatchObject({ COMFY_PYTHON: 'python3.11' });
  expect(version.python.packages).toContain('sageattention');
});

test('the JSON Schema beside the versions is no version', () => {
  const root = project({ 'versions/schema.json': versionSchema(), 'versions/demo.json': documentWith() });
  expect(versionIds(root)).toEqual(['demo']);
});

const lockfile = textOf('lockfiles/demo.lock.json');

test('the lockfile of the demo names its schema and fits it', () => {
  const document = JSON.parse(lockfile) as Readonly<Record<string, unknown>>;
  expect(document['$schema']).toBe('./schema.json');
  expect(accepts(lockfileSchema(), document)).toBe(true);
});

test.each<[title: string, change: Readonly<Record<string, unknown>>]>([
  ['another generation', { schema_version: 2 }],
  ['an unknown key', { nodez: [] }],
  ['a missing section', { core: undefined }],
  ['half a digest', { version_digest: 'abc' }],
  ['a node of no kind', { nodes: [{ kind: 'svn', name: 'x' }] }],
])('lockfiles/schema.json refuses %s, as parseLockfile() does', (_, change) => {
  const document = { ...(JSON.parse(lockfile) as object), ...change };
  expect(failureOf(() => parseLockfile(JSON.stringify(document), 'x'))).toContain('x: ');
  expect(accepts(lockfileSchema(), document)).toBe(false);
});

test('a lockfile of a project names its schema, one elsewhere does not; both say the same', () => {
  const lock = parseLockfile(lockfile, 'demo');
  expect(lock).not.toHaveProperty('$schema');
  const root = project({ 'versions/demo.json': documentWith() });
  expect(readFileSync(writeLockfile(lock, { root }), 'utf8')).toBe(lockfile);
  expect(readLockfile({ root, id: 'demo' })).toEqual(lock);
  const elsewhere = join(root, 'demo.lock.json');
  expect(readFileSync(writeLockfile(lock, { root, file: elsewhere }), 'utf8')).toBe(renderLockfile(lock));
  expect(readLockfile({ root, id: 'demo', file: elsewhere })).toEqual(lock);
});
