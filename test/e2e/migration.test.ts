import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { commandsIn, type Shown } from '../docs/commands.ts';
import { type Bench, checkout, openDemo } from './rig.ts';
import { listing } from './tree.ts';

const page = readFileSync(join(checkout, 'docs/migration.md'), 'utf8');
const shown = [...new Map(commandsIn(page).map((command) => [command.text, command])).values()];
const verbOf = ({ words }: Shown): string => words[0]!;
const realizes = shown.filter((command) => verbOf(command) === 'realize');
const verbs = [...new Set(shown.map(verbOf))];

let bench: Bench;

/** The page's project: what stands in it are documents of the demo under the page's names. */
beforeAll(async () => {
  bench = openDemo();
  const demo = JSON.parse(readFileSync(join(checkout, 'versions/demo.json'), 'utf8')) as object;
  const lock = JSON.parse(readFileSync(join(checkout, 'lockfiles/demo.lock.json'), 'utf8')) as {
    readonly core: { readonly repo: string; readonly commit: string };
  };
  const { repo, commit } = lock.core;
  bench.write({
    'versions/mine.json': { ...demo, version_id: 'mine' },
    // A pair of generation 1, whose name is that of its lock.
    'versions/wan22-fast.json': {
      version_id: 'wan22-fast',
      lock: 'lockfiles/comfy-wan22-fast.lock.json',
      options: { pip_extra_args: '--index-url demo://simple' },
    },
    'lockfiles/comfy-wan22-fast.lock.json': { schema_version: 1, comfyui: { repo, commit, path: null }, models: [] },
  });
  for (const id of ['mine', 'wan22-fast']) {
    const { exitCode, stderr } = await bench.pipeline(['validate', id]);
    expect({ id, exitCode, stderr }).toEqual({ id, exitCode: 0, stderr: '' });
  }
});

afterAll(() => bench[Symbol.dispose]());

test.for(realizes)('$text, with --dry-run: it would do something, and does nothing', async ({ words }) => {
  const before = listing(bench.directory);
  const { exitCode, stdout } = await bench.pipeline([...new Set([...words, '--dry-run'])]);
  expect({ stdout, exitCode }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('activate') });
  expect(listing(bench.directory)).toEqual(before);
});

test('an old target is realized over: files of the user stay, an old checkout is kept', async () => {
  const old = bench.at('old');
  const at = (name: string): string => join(old, name);
  const files = { 'main.py': 'old core', 'output/a.png': 'mine', 'custom_nodes/mine/__init__.py': 'mine' };
  for (const [name, text] of Object.entries({ ...files, '.runpod_prepared.json': '{}' })) {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  }
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: old, encoding: 'utf8' });
  git('init', '--quiet');
  git('add', 'main.py');
  git('commit', '--quiet', '--message=old');
  const commit = git('rev-parse', 'HEAD');
  const { exitCode } = await bench.pipeline(['realize', 'demo', '--target', old]);
  expect(exitCode).toBe(0);
  for (const name of ['output/a.png', 'custom_nodes/mine/__init__.py'] as const)
    expect(readFileSync(at(name), 'utf8')).toBe(files[name]);
  expect(readFileSync(at('main.py'), 'utf8')).not.toBe(files['main.py']);
  const [kept] = readdirSync(at('.pipeline/kept'));
  const inKept = ['--git-dir', at(`.pipeline/kept/${kept}/.git`), 'rev-parse', 'HEAD'];
  expect(execFileSync('git', inKept, { encoding: 'utf8' })).toBe(commit);
});

test('what an old environment held is kept, and nothing of it is mixed with the new packages', async () => {
  const old = bench.at('mixed');
  const info = join(old, '.venv/lib/python3.11/site-packages/oldpkg-1.0.dist-info');
  mkdirSync(info, { recursive: true });
  writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: oldpkg\nVersion: 1.0\n');
  const { exitCode, stdout } = await bench.pipeline(['realize', 'demo', '--target', old]);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('.pipeline/kept/venv-1') });
  expect(readdirSync(join(old, '.pipeline/kept/venv-1/lib/python3.11/site-packages'))).toEqual([basename(info)]);
  const status = await bench.pipeline(['status', 'demo', '--target', old]);
  expect(status.stdout).not.toContain('oldpkg');
});

test('a link of your own where a node goes is refused, and what it leads to is not touched', async () => {
  const [old, clone] = [bench.at('linked'), bench.at('clone')];
  for (const directory of [join(old, 'custom_nodes'), clone]) mkdirSync(directory, { recursive: true });
  writeFileSync(join(clone, '__init__.py'), 'shared');
  const link = join(old, 'custom_nodes/comfyui-demo-gradient');
  symlinkSync(clone, link);
  const refused = await bench.pipeline(['realize', 'demo', '--target', old]);
  expect(refused.exitCode).toBe(3);
  expect(refused.stdout).toContain('hint: remove the link custom_nodes/comfyui-demo-gradient');
  expect(readdirSync(clone)).toEqual(['__init__.py']);
  unlinkSync(link);
  expect((await bench.pipeline(['realize', 'demo', '--target', old])).exitCode).toBe(0);
  expect(readdirSync(clone)).toEqual(['__init__.py']);
});

test('a model that is there is taken when it is the first of the sources', async () => {
  const models = bench.at('models');
  mkdirSync(join(models, 'vae'), { recursive: true });
  writeFileSync(join(models, 'vae/x.safetensors'), 'weights');
  const demo = JSON.parse(readFileSync(join(checkout, 'versions/demo.json'), 'utf8')) as object;
  const source = [join(models, 'vae/x.safetensors'), 'hf://organisation/repository/x.safetensors'];
  const entry = { source, target_path: '$MODELS_DIR/vae/x.safetensors' };
  bench.write({ 'versions/there.json': { ...demo, version_id: 'there', models: [entry] } });
  const how = { env: { MODELS_DIR: models } };
  const ended = await bench.pipeline(['realize', 'there', '--offline', '--target', bench.at('there')], how);
  expect(ended.exitCode).toBe(0);
  expect(readFileSync(bench.at('there/models/vae/x.safetensors'), 'utf8')).toBe('weights');
});

test.for(verbs)('pipeline %s --help', async (verb) => {
  const { exitCode, stdout, stderr } = await bench.pipeline([verb, '--help']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain(`Usage: pipeline ${verb}`);
});
