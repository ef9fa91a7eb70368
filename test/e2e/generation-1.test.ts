import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { type Bench, openBench } from './rig.ts';
import { makeWheel } from '../rig/wheels.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let bench: Bench;
let core: Readonly<Record<string, unknown>>;
let nodes: readonly Readonly<Record<string, unknown>>[];
/** What the default branch of the node is. */
let newest: string;

beforeAll(async () => {
  world = await openWorld();
  const at = await world.commit('core', { 'main.py': 'print("core 1")\n', 'models/vae/put_vae_here': '' });
  core = { ...at, path: '/Users/author/comfy/ComfyUI' };
  const node = await world.commit('node', { '__init__.py': 'NODE = 1\n' });
  newest = node.commit;
  nodes = [
    { name: 'ComfyUI-Node', repo: node.repo, commit: null, path: '' },
    { name: 'Node', repo: `${node.repo}/`, commit: null },
  ];
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench[Symbol.dispose]());

const lockPath = 'lockfiles/comfy-old.lock.json';

/** Writes a pair, and a model that is to be in MODELS_DIR already. */
function writePair(options: Readonly<Record<string, unknown>> = {}, python?: unknown): string {
  const model = join(bench.cache, 'models/vae/there.safetensors');
  mkdirSync(dirname(model), { recursive: true });
  writeFileSync(model, 'weights');
  const models = [{ name: 'there', source: null, target_path: '$MODELS_DIR/vae/there.safetensors' }];
  bench.write({
    'versions/old.json': { version_id: 'old', lock: lockPath, target: bench.target, options },
    [lockPath]: { schema_version: 1, comfyui: core, custom_nodes: nodes, models, python },
  });
  return model;
}

const ours = () => JSON.parse(readFileSync(join(bench.project, 'lockfiles/old.lock.json'), 'utf8'));

it('a pair is realized: resolved once, pinned in our own lockfile, and left as it is', async () => {
  const model = writePair({ pip_extra_args: '--no-cache-dir' });
  const pair = readFileSync(join(bench.project, lockPath), 'utf8');
  const ended = await bench.pipeline(['realize', 'old', '--json']);
  expect(ended.stderr).toBe('');
  expect(ended.exitCode).toBe(0);
  expect(ours()).toMatchObject({
    core: { commit: core['commit'] },
    nodes: [{ name: 'ComfyUI-Node', ref: 'refs/heads/main', commit: newest }],
    models: [{ path: 'vae/there.safetensors', size: 7, sources: ['models://vae/there.safetensors'] }],
  });
  expect(readFileSync(join(bench.target, 'custom_nodes/ComfyUI-Node/__init__.py'), 'utf8')).toBe('NODE = 1\n');
  expect(readFileSync(join(bench.target, 'models/vae/there.safetensors'), 'utf8')).toBe('weights');
  expect(lstatSync(model).isFile()).toBe(true);
  expect(readFileSync(join(bench.project, lockPath), 'utf8')).toBe(pair);
  expect(ended.notes).toEqual(
    expect.arrayContaining([
      `${lockPath}: A \`path\` beside a \`repo\` is not used: /Users/author/comfy/ComfyUI`,
      `${lockPath}: custom_nodes[1]: Left out (Node): custom_nodes[0] (ComfyUI-Node) is the same repository`,
      `${lockPath}: custom_nodes[0]: No commit: the newest of the default branch is looked up once, and pinned in our lockfile`,
      'options.pip_extra_args, line 1: --no-cache-dir is left out, it changes nothing here',
    ]),
  );
  newest = (await world.commit('node', { '__init__.py': 'NODE = 2\n' })).commit;
  const again = await bench.pipeline(['realize', 'old', '--json']);
  expect(again.built).toEqual([]);
  expect(readFileSync(join(bench.target, 'custom_nodes/ComfyUI-Node/__init__.py'), 'utf8')).toBe('NODE = 1\n');
});

it('a lock alone is realized, under the id of its name or the one that is given', async () => {
  writePair();
  rmSync(join(bench.project, 'versions/old.json'));
  for (const [id, words] of [
    ['old', []],
    ['new', ['--version-id', 'new']],
  ] as const) {
    const target = bench.at(id);
    const ended = await bench.pipeline(['realize', '--lock', lockPath, ...words, '--target', target, '--json']);
    expect(ended.stderr).toBe('');
    expect(ended.summary).toMatchObject({ ok: true });
    expect(existsSync(join(bench.project, `lockfiles/${id}.lock.json`))).toBe(true);
    expect(existsSync(join(target, 'main.py'))).toBe(true);
  }
  expect(existsSync(join(bench.project, 'versions/old.json'))).toBe(false);
});

it('our own lockfile names its version too', async () => {
  writePair();
  await bench.pipeline(['validate', 'old']);
  const ended = await bench.pipeline(['realize', '--lock', 'lockfiles/old.lock.json', '--json']);
  expect(ended.summary).toMatchObject({ ok: true, result: { version: 'old' } });
});

it.each<[title: string, words: readonly string[], exitCode: number, message: string]>([
  ['that is not there', ['--lock', 'gone.json'], 3, 'error: gone.json does not exist\n'],
  [
    'whose name says nothing',
    ['--lock', 'some.json'],
    2,
    'error: Which version is some.json of? Its name is not comfy-<id>.lock.json\nhint: add --version-id <id>\n',
  ],
  ['that is no object', ['--lock', 'list.json', '--version-id', 'a'], 3, 'error: list.json: Expected an object\n'],
])('a lock %s', async (_, words, exitCode, message) => {
  bench.write({ 'some.json': { models: [] }, 'list.json': [] });
  const ended = await bench.pipeline(['realize', ...words]);
  expect(ended).toMatchObject({ exitCode, stderr: message, stdout: '' });
});

it('a model that is to be there already and is not', async () => {
  const model = writePair();
  rmSync(model);
  const ended = await bench.pipeline(['validate', 'old', '--json']);
  expect(ended.exitCode).toBe(3);
  expect(ended.failed).toMatchObject({
    name: 'resolve-model vae/there.safetensors',
    failure: { kind: 'absent', what: model, hint: 'the version names no source for it: put the file there' },
  });
  expect(existsSync(join(bench.project, 'lockfiles/old.lock.json'))).toBe(false);
});

it('a model that is another one when it is needed again', async () => {
  const model = writePair();
  expect((await bench.pipeline(['validate', 'old'])).exitCode).toBe(0);
  rmSync(join(bench.cache, 'store'), { recursive: true });
  rmSync(join(bench.cache, 'results'), { recursive: true, force: true });
  rmSync(join(bench.cache, 'recent'), { recursive: true, force: true });
  writeFileSync(model, 'others!');
  const ended = await bench.pipeline(['realize', 'old', '--json']);
  expect(ended.exitCode).toBe(4);
  expect(readFileSync(model, 'utf8')).toBe('others!');
});

it('words for pip that reach outside are refused', async () => {
  writePair({ pip_extra_args: '--trusted-host evil.example' });
  const ended = await bench.pipeline(['validate', 'old']);
  expect(ended.exitCode).toBe(3);
  expect(ended.stderr).toContain(
    'Refused line 1 of options.pip_extra_args (--trusted-host evil.example): --trusted-host is not allowed in requirements',
  );
});

it('wheels are taken from the directory that the spec names', async () => {
  const spec = { name: 'tint', files: { 'tint.py': '' } };
  const { url, filename } = world.wheel(spec);
  const step = `fetch-wheel ${String(filename)}`;
  writePair({ wheels_dir: 'wheels' }, { packages: [{ name: 'tint', version: null, url }] });
  expect((await bench.pipeline(['validate', 'old'])).exitCode).toBe(0);
  bench.write({ 'wheels/none.txt': '' });
  rmSync(join(bench.cache, 'store'), { recursive: true });
  const without = await bench.pipeline(['realize', 'old', '--offline', '--keep-going', '--json']);
  expect(without.outcomes).toMatchObject({ [step]: 'failed' });
  writeFileSync(join(bench.project, 'wheels', String(filename)), makeWheel(spec).bytes);
  const ended = await bench.pipeline(['realize', 'old', '--offline', '--keep-going', '--json']);
  expect(ended.outcomes).toMatchObject({ [step]: 'built' });
});

it('a directory of wheels that is not there is said', async () => {
  writePair({ wheels_dir: 'wheels' });
  const ended = await bench.pipeline(['validate', 'old', '--json']);
  expect(ended.notes).toContain(`options.wheels_dir is left out: there is no ${join(bench.project, 'wheels')}`);
});
