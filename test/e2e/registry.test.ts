import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { Lockfile } from '../../pipelines/documents/lockfile.ts';
import { type Bench, openBench } from './rig.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let bench: Bench;
let core: object;
beforeEach(async () => {
  world = await openWorld();
  bench = openBench();
  core = await world.commit('core', { 'main.py': '' });
  wish([{ id: 'Gamma-Pack', version: 'nightly' }]);
});
afterEach(async () => {
  bench[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

/** Writes the version `n` with these nodes. */
function wish(custom_nodes: readonly object[]): void {
  const env = { COMFY_REGISTRY_URL: `${world.files.origin}/registry` };
  bench.write({ 'versions/n.json': { schema_version: 2, version_id: 'n', comfy: core, custom_nodes, env } });
}

const validate = (...more: readonly string[]) => bench.pipeline(['validate', 'n', '--json', ...more]);
const locked = (): Lockfile['nodes'][number] =>
  (JSON.parse(readFileSync(join(bench.project, 'lockfiles/n.lock.json'), 'utf8')) as Lockfile).nodes[0]!;
const change = (n: number) =>
  world.commit('gamma', {
    '__init__.py': `GAMMA = ${n}\n`,
    'pyproject.toml': '[project]\nname = "Gamma-Pack"\nversion = "1.0.0"\n',
  });
const publish = (repository: string): string =>
  world.files.serve('/registry/nodes/gamma-pack', JSON.stringify({ id: 'gamma-pack', repository }));

it('the nightly of a registry pack is a commit of its repository, and moves only when it is named', async () => {
  const { repo, commit } = await change(1);
  publish(`${repo}/`);
  expect((await validate()).summary).toMatchObject({ ok: true });
  const pinned = { kind: 'git', name: 'Gamma-Pack', id: 'Gamma-Pack', repo, ref: 'refs/heads/main', commit };
  expect(locked()).toEqual(pinned);

  const newer = await change(2);
  const asked = world.asked();
  expect((await validate()).summary).toMatchObject({ ok: true });
  expect(locked()).toEqual(pinned);
  expect(world.asked()).toBe(asked);

  expect((await validate('--update', 'Gamma-Pack')).summary).toMatchObject({ ok: true });
  expect(locked()).toEqual({ ...pinned, commit: newer.commit });

  expect((await bench.realize('n')).summary).toMatchObject({ ok: true });
  const directory = join(bench.target, 'custom_nodes/Gamma-Pack');
  expect(readFileSync(join(directory, '__init__.py'), 'utf8')).toBe('GAMMA = 2\n');
  expect(existsSync(join(directory, '.git/HEAD'))).toBe(true);
});

it.each([
  ['does not know', () => '', 'Gamma-Pack in the registry'],
  ['knows no repository of', () => publish(''), 'A repository of Gamma-Pack that git can read'],
  ['gives a path for', () => publish('/etc/passwd'), 'A repository of Gamma-Pack that git can read'],
])('a pack that the registry %s has no nightly', async (_, prepare, what) => {
  prepare();
  const { exitCode, failed } = await validate();
  expect(exitCode).toBe(3);
  expect(failed).toMatchObject({ name: 'find-repository Gamma-Pack', failure: { kind: 'absent', what } });
  expect(existsSync(join(bench.project, 'lockfiles/n.lock.json'))).toBe(false);
});

/** Publishes packs, and answers how the registry tells of them when it is asked for many. */
const releases = (statuses: Readonly<Record<string, string>>): readonly object[] =>
  Object.entries(statuses).map(([id, status]) => {
    const { url } = world.pack(id, '1.0.0', { '__init__.py': '' });
    const release = { node_id: id, version: '1.0.0', downloadUrl: url, status: `NodeVersionStatus${status}` };
    return { identifier: { node_id: id, version: '1.0.0' }, status: 'success', node_version: release };
  });

it('what the registry thinks of a release is recorded and said, also of releases that are told at once', async () => {
  const told = releases({ good: 'Active', strange: 'Flagged', evil: 'Banned', early: 'Pending', gone: 'Deleted' });
  world.files.serve('/registry/bulk/nodes/versions', JSON.stringify({ node_versions: told }));
  wish(['good', 'strange', 'evil', 'early', 'gone'].map((id) => ({ id, version: '1.0.0' })));
  const { summary, notes } = await validate();
  expect(summary).toMatchObject({ ok: true });
  const { nodes } = JSON.parse(readFileSync(join(bench.project, 'lockfiles/n.lock.json'), 'utf8')) as Lockfile;
  const statuses = nodes.map((node) => (node.kind === 'registry' ? [node.id, node.status] : []));
  expect(statuses).toEqual([
    ['early', 'pending'],
    ['evil', 'banned'],
    ['gone', 'deleted'],
    ['good', 'active'],
    ['strange', 'flagged'],
  ]);
  const warnings = notes.filter((note) => note.includes('in the registry')).toSorted();
  expect(warnings).toEqual(
    ['early 1.0.0 is pending', 'evil 1.0.0 is banned', 'gone 1.0.0 is deleted', 'strange 1.0.0 is flagged'].map(
      (text) => `${text} in the registry`,
    ),
  );
  const asked = world.files.asked.filter(({ path }) => path.startsWith('/registry/'));
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /registry/bulk/nodes/versions']);
});

it('without the network all that is missing is listed, pack by pack, and nothing is asked', async () => {
  wish([
    { id: 'one', version: '1.0.0' },
    { id: 'two', version: 'latest' },
    { id: 'three', version: 'nightly' },
  ]);
  const asked = world.asked();
  const { exitCode, events } = await validate('--offline');
  expect(exitCode).toBe(5);
  const missing = events.flatMap((event) =>
    event.type === 'step.finished' && event.outcome === 'failed' && event.failure.kind === 'offline'
      ? event.failure.missing
      : [],
  );
  const registry = `${world.files.origin}/registry/nodes`;
  expect(missing).toEqual(
    expect.arrayContaining([`${registry}/one/versions`, `${registry}/two/versions`, `${registry}/three`]),
  );
  expect(world.asked()).toBe(asked);
});
