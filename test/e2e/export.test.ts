import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openToday, type Today } from './today.ts';
import { type Bench, openBench } from './rig.ts';

const hasPip = ((): boolean => {
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const commit = 'c'.repeat(40);
const sha256 = 'a'.repeat(64);
const wheel = (name: string, version: string) => ({
  name,
  version,
  url: `https://files.example/${name}.whl`,
  sha256,
  filename: `${name}-1.0-py3-none-any.whl`,
  wanted_by: ['core'],
});
const pins = {
  core: { repo: 'https://github.com/me/ComfyUI', commit },
  nodes: [
    { kind: 'git', name: 'ComfyUI-KJNodes', repo: 'https://github.com/kijai/ComfyUI-KJNodes', commit },
    { kind: 'git', name: 'renamed', repo: 'https://github.com/o/r.git', commit, install_requirements: false },
    { kind: 'git', name: 'near', repo: './near', commit },
    { kind: 'local', name: 'own', path: './own', tree: `tree:${sha256}` },
    {
      kind: 'registry',
      name: 'ComfyUI-Manager',
      id: 'comfyui-manager',
      version: '3.30.0',
      url: 'https://files.example/m.zip',
      sha256,
      size: 1,
      status: 'active',
    },
  ],
  python: {
    version: '3.11',
    platforms: [
      { platform: 'linux-x86_64', torch: 'cu128', wheels: [wheel('numpy', '1.26.4')] },
      { platform: 'any', wheels: [] },
    ],
  },
  models: [{ path: 'vae/x.safetensors', root: 'models', sources: ['https://files.example/x'], sha256, size: 1 }],
  env: { FOO: 'bar' },
};

describe('export --to snapshot', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = openBench();
    bench.lock('full', pins);
  });
  afterEach(() => bench[Symbol.dispose]());
  const snapshot = (...more: readonly string[]) => bench.pipeline(['export', 'full', '--to', 'snapshot', ...more]);

  it('writes what Manager restores, and says what it cannot', async () => {
    const { exitCode, stdout, stderr } = await snapshot();
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      comfyui: commit,
      git_custom_nodes: {
        'https://github.com/kijai/ComfyUI-KJNodes': { hash: commit, disabled: false },
        'https://github.com/o/r.git': { hash: commit, disabled: false },
      },
      cnr_custom_nodes: { 'comfyui-manager': '3.30.0' },
      file_custom_nodes: [],
      pips: { 'numpy==1.26.4': '' },
    });
    expect(stderr.trimEnd().split('\n')).toEqual([
      'lost     https://github.com/me/ComfyUI  a snapshot has the commit of ComfyUI alone: Manager looks for it where it runs',
      'lost     node renamed  Manager clones it into custom_nodes/r',
      'lost     node renamed  Manager installs its requirements',
      'lost     node near  its sources are on this machine alone',
      'lost     node own  its sources are on this machine alone',
      'lost     node ComfyUI-Manager  Manager does not restore itself',
      'lost     hash of node ComfyUI-Manager  a snapshot has its version alone',
      'lost     model vae/x.safetensors  a snapshot has no models',
      'lost     hashes and URLs of the wheels  a snapshot has names and versions',
      'lost     packages for any  a snapshot is of one machine',
      'lost     env.FOO  a snapshot has no environment',
    ]);
  });

  it('writes a file, and replaces one only when it is told to', async () => {
    const { stdout } = await snapshot();
    expect(await snapshot('--output', 'x.json')).toMatchObject({ exitCode: 0, stdout: '' });
    const file = join(bench.project, 'x.json');
    expect(readFileSync(file, 'utf8')).toBe(stdout);
    bench.write({ 'x.json': 'mine\n' });
    expect(await snapshot('--output', 'x.json')).toMatchObject({
      exitCode: 3,
      stderr: 'error: Refused to replace x.json: it is there already\nhint: --force replaces it\n',
    });
    expect(readFileSync(file, 'utf8')).toBe('mine\n');
    expect((await snapshot('--output', 'x.json', '--force')).exitCode).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(stdout);
  });

  it.each([
    ['no format', ['export', 'full'], 2, 'As what?\nhint: write `pipeline export full --to snapshot`'],
    [
      'a name that Manager does not read',
      ['export', 'full', '--to', 'snapshot', '--output', 'x.txt'],
      2,
      'Manager does not read x.txt\nhint: name it .json',
    ],
    [
      'a version without a lockfile',
      ['export', 'bare', '--to', 'snapshot'],
      3,
      'lockfiles/bare.lock.json does not exist\nhint: `pipeline validate bare` writes it',
    ],
  ])('refuses %s', async (_, args, exitCode, message) => {
    bench.write({ 'versions/bare.json': { schema_version: 2, version_id: 'bare', comfy: { repo: './core' } } });
    expect(await bench.pipeline(args)).toMatchObject({ exitCode, stdout: '', stderr: `error: ${message}\n` });
  });

  it('says when the version has changed since', async () => {
    bench.write({ 'versions/full.json': { schema_version: 2, version_id: 'full', comfy: { repo: './other' } } });
    expect((await snapshot()).stderr).toMatch(/^warning: the version has changed since its lockfile was written/);
  });
});

// Which packages fit together is asked of pip.
describe.skipIf(!hasPip)('a snapshot', () => {
  let today: Today;
  beforeEach(async () => {
    today = await openToday();
  });
  afterEach(() => today[Symbol.asyncDispose]());

  it('comes back as it was: created from, validated, exported', async () => {
    using bench = openBench();
    const { world } = today;
    const { git, files } = world;
    const core = await world.commit('core', { 'main.py': 'print("core 1")\n' });
    const alpha = await world.commit('alpha', { '__init__.py': 'ALPHA = 2\n' });
    await world.commit('alpha', { '__init__.py': 'ALPHA = 3\n' });
    const snapshot = {
      comfyui: core.commit,
      git_custom_nodes: { [git.url('alpha')]: { hash: alpha.commit, disabled: false } },
      cnr_custom_nodes: { gamma: '1.0.0' },
      file_custom_nodes: [],
      pips: { 'shade==1.0': '', 'tint==1.0': '' },
    };
    const newline = {
      comfyui: `${core.commit}\n`,
      git_custom_nodes: { [git.url('alpha')]: { hash: `${alpha.commit}\n`, disabled: false } },
    };
    bench.write({ 'snapshot.json': { ...snapshot, ...newline } });
    const env = {
      COMFY_REGISTRY_URL: `${files.origin}/registry`,
      PIP_INDEX_URL: `${files.origin}/simple/`,
      UV_INDEX_URL: `${files.origin}/simple/`,
    };
    const created = await bench.pipeline(['create', 'again', '--from', 'snapshot.json', '--repo', git.url('core')], {
      env,
    });
    expect(created).toMatchObject({ exitCode: 0, stderr: '' });
    expect(created.stdout).toContain('5 taken, 0 guessed, 0 lost\n');
    expect((await bench.pipeline(['validate', 'again', '--json'], { env })).summary).toMatchObject({ ok: true });
    const { exitCode, stdout } = await bench.pipeline(['export', 'again', '--to', 'snapshot'], { env });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(snapshot);
  });
});
