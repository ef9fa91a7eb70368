import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { zip } from '../rig/zip.ts';
import { type Bench, openBench } from './rig.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let bench: Bench;
beforeEach(async () => {
  [world, bench] = [await openWorld(), openBench()];
  const core = await world.commit('core', { 'main.py': 'print("core")\n', 'custom_nodes/here': '' });
  const alpha = await world.commit('alpha', { '__init__.py': 'ALPHA = 1\n' });
  for (const version of ['1.0.0', '1.1.0']) publish('Gamma', version);
  publish('Delta', '0.1.0');
  bench.write({
    'versions/v.json': {
      schema_version: 2,
      version_id: 'v',
      comfy: { repo: core.repo, ref: 'main' },
      custom_nodes: [
        { repo: alpha.repo, ref: 'main' },
        { id: 'gamma', version: '1.0.0', install_requirements: false },
      ],
    },
  });
  expect((await run('realize', 'v')).exitCode).toBe(0);
});
afterEach(async () => {
  bench[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

const published = new Map<string, unknown[]>();
function publish(name: string, version: string): void {
  const id = name.toLowerCase();
  const files = {
    '__init__.py': `VERSION = "${version}"\n`,
    'pyproject.toml': `[project]\nname = "${name}"\nversion = "${version}"\n`,
    'install.py': 'open("ran.txt", "a").write("x")\n',
  };
  const body = zip(Object.entries(files).map(([path, data]) => ({ name: path, data })));
  const downloadUrl = world.files.serve(`/${id}-${version}.zip`, body);
  const key = `${world.files.origin} ${id}`;
  const releases = [...(published.get(key) ?? []), { version, downloadUrl, status: 'NodeVersionStatusActive' }];
  published.set(key, releases);
  const json = { type: 'application/json' };
  world.files.serve(`/nodes/${id}`, JSON.stringify({ id }), json);
  world.files.serve(`/nodes/${id}/versions`, JSON.stringify(releases), json);
}

const run = (...words: readonly string[]) =>
  bench.pipeline([...words, '--target', bench.target, '--json'], {
    env: { COMFY_REGISTRY_URL: world.files.origin, COMFY_HOME: bench.target },
  });
const node = async (...words: readonly string[]) => {
  const ended = await run('node', ...words);
  expect([ended.exitCode, ended.exitCode === 0 ? '' : ended.stdout + ended.stderr]).toEqual([0, '']);
  return ended;
};
const readIn = (path: string): string => readFileSync(join(bench.target, path), 'utf8');
const project = (path: string): unknown => JSON.parse(readFileSync(join(bench.project, path), 'utf8'));

it('what `node` changes in a realized target is drift; save writes it into version and lockfile; realize agrees', async () => {
  const lockBefore = readIn('.pipeline/lock.json');
  await node('install', 'gamma@1.1.0');
  await node('install', 'delta');
  await node('uninstall', world.git.url('alpha'));
  expect(readIn('.pipeline/lock.json')).toBe(lockBefore);
  expect(readIn('custom_nodes/Gamma/__init__.py')).toBe('VERSION = "1.1.0"\n');
  const status = JSON.parse((await run('status', 'v')).stdout) as { versions: { nodes: string[] }[] };
  expect(status.versions[0]!.nodes.toSorted()).toEqual([
    'Delta: 0.1.0, and not locked',
    'Gamma: 1.1.0, and 1.0.0 is locked',
    expect.stringMatching(/^alpha: not active, and [0-9a-f]{7} is locked$/),
  ]);

  await node('save');
  expect(project('versions/v.json')).toMatchObject({
    custom_nodes: [
      { id: 'gamma', version: '1.1.0', install_requirements: false },
      { id: 'delta', version: '0.1.0' },
    ],
  });
  const lock = project('lockfiles/v.lock.json') as { nodes: { name: string; version: string }[] };
  expect(lock.nodes.map(({ name, version }) => `${name} ${version}`)).toEqual(['Delta 0.1.0', 'Gamma 1.1.0']);

  const realized = await run('realize', 'v');
  expect(realized.summary.ok).toBe(true);
  expect(realized.built.filter((step) => step.startsWith('place-'))).toEqual([]);
  expect((await node('save')).notes).toEqual([expect.stringContaining('are as v has them')]);
  expect((await run('realize', 'v')).built).toEqual([]);
});

it('realize makes of a changed target what the lockfile says again', async () => {
  await node('install', 'gamma@1.1.0');
  await node('install', 'delta');
  await run('realize', 'v');
  expect(readIn('custom_nodes/Gamma/__init__.py')).toBe('VERSION = "1.0.0"\n');
  expect(existsSync(join(bench.target, 'custom_nodes/Delta'))).toBe(false);
  expect(existsSync(join(bench.target, 'custom_nodes/.disabled/delta@0_1_0'))).toBe(true);
  expect((await run('realize', 'v')).built).toEqual([]);
});

it('what was kept in .disabled comes back in a realize', async () => {
  await node('install', 'gamma@1.1.0', '--keep-previous');
  expect(existsSync(join(bench.target, 'custom_nodes/.disabled/gamma@1_0_0'))).toBe(true);
  await run('realize', 'v');
  expect(readIn('custom_nodes/Gamma/__init__.py')).toBe('VERSION = "1.0.0"\n');
  expect((await run('realize', 'v')).built).toEqual([]);
});

it('realize runs an install.py where the version says so, once, as a step of its own', async () => {
  const ran = 'custom_nodes/Gamma/ran.txt';
  expect(existsSync(join(bench.target, ran))).toBe(false);
  const document = project('versions/v.json') as { custom_nodes: Record<string, unknown>[] };
  const nodes = document.custom_nodes.map((entry) => ('id' in entry ? { ...entry, run_install: true } : entry));
  bench.write({ 'versions/v.json': { ...document, custom_nodes: nodes } });
  const env = { COMFY_REGISTRY_URL: world.files.origin };
  expect((await bench.pipeline(['validate', 'v', '--json'], { env })).exitCode).toBe(0);
  const { built } = await run('realize', 'v');
  expect(built).toContain('run-install-script Gamma');
  expect(readIn(ran)).toBe('x');
  expect((await run('realize', 'v')).built).toEqual([]);
  expect(readIn(ran)).toBe('x');
});

it('a verb of node that is none says which there are', async () => {
  const ended = await run('node', 'enable', 'gamma');
  expect(ended.exitCode).toBe(2);
  expect(ended.stdout + ended.stderr).toContain('uninstall');
});
