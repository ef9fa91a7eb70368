import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { compareVersions, type ListedNode } from '../../tasks/tools/nodes/list-nodes.ts';
import {
  cloneByHand,
  layByHand,
  type NodeBench,
  type NodeWorld,
  openNodeBench,
  openNodeWorld,
  projectText,
  type TestPack,
} from './rig.ts';

let world: NodeWorld;
let foo: TestPack;
beforeAll(async () => {
  world = await openNodeWorld();
  foo = await world.pack('ComfyUI-Foo');
  await foo.commit({ ...foo.files('3.0.0') });
});
afterAll(async () => world[Symbol.asyncDispose]());

const list = async (bench: NodeBench, ...flags: readonly string[]): Promise<readonly ListedNode[]> =>
  JSON.parse((await bench.done('list', ...flags)).stdout) as ListedNode[];
const brief = (nodes: readonly ListedNode[]): readonly string[] =>
  nodes.map(({ name, version, enabled, path }) => `${name} ${version} ${enabled ? '+' : '-'} ${path}`);

it('an active version hides those that wait; --all shows them', async () => {
  using bench = openNodeBench(world);
  layByHand(bench, 'ComfyUI-Foo', foo.files('1.0.0'));
  layByHand(bench, '.disabled/comfyui-foo@2_0_0', foo.files('2.0.0'));
  await cloneByHand(bench, '.disabled/comfyui-foo@nightly', foo.repo);
  expect(brief(await list(bench))).toEqual(['ComfyUI-Foo 1.0.0 + custom_nodes/ComfyUI-Foo']);
  expect(await list(bench, '--all')).toHaveLength(3);
});

it('of those that wait a release hides a checkout, and a newer one an older one', async () => {
  using bench = openNodeBench(world);
  layByHand(bench, 'Foo.disabled', foo.files('1.9.0'));
  layByHand(bench, '.disabled/comfyui-foo@1_10_0', foo.files('1.10.0'));
  await cloneByHand(bench, '.disabled/Foo', foo.repo);
  expect(brief(await list(bench))).toEqual(['ComfyUI-Foo 1.10.0 - custom_nodes/.disabled/comfyui-foo@1_10_0']);
});

it('a checkout that names no id belongs to the pack of its repository, in any case', async () => {
  using bench = openNodeBench(world);
  layByHand(bench, 'Foo', { 'pyproject.toml': projectText('comfyui-foo', '1.0.0', 'https://github.com/Owner/Foo') });
  bench.write('custom_nodes/.disabled/foo/.git/config', '[remote "origin"]\n\turl = git@github.com:owner/foo.git\n');
  bench.write('custom_nodes/.disabled/foo/.git/HEAD', `${'a'.repeat(40)}\n`);
  expect(await list(bench)).toEqual([
    {
      id: 'comfyui-foo',
      name: 'comfyui-foo',
      version: '1.0.0',
      kind: 'cnr',
      enabled: true,
      cnr_id: 'comfyui-foo',
      aux_id: 'Owner/Foo',
      path: 'custom_nodes/Foo',
      commit: null,
    },
  ]);
  expect(await list(bench, '--all')).toContainEqual(
    expect.objectContaining({ kind: 'nightly', aux_id: 'owner/foo', commit: 'a'.repeat(40), enabled: false }),
  );
});

it('two packs of one repository are two packs', async () => {
  using bench = openNodeBench(world);
  for (const name of ['one', 'two'])
    layByHand(bench, name, { 'pyproject.toml': projectText(name, '1.0.0', 'https://github.com/o/both') });
  expect(await list(bench)).toHaveLength(2);
});

it('what nobody knows is listed by its directory; .trash and bytecode are not', async () => {
  using bench = openNodeBench(world);
  for (const path of ['thing', '.trash', '__pycache__', '.disabled/old thing'])
    bench.write(`custom_nodes/${path}/x.py`, '');
  expect(brief(await list(bench))).toEqual([
    'old thing unknown - custom_nodes/.disabled/old thing',
    'thing unknown + custom_nodes/thing',
  ]);
});

it('nothing is remembered: what is moved between two looks is seen', async () => {
  using bench = openNodeBench(world);
  layByHand(bench, 'Foo', foo.files('1.0.0'));
  expect((await list(bench))[0]).toMatchObject({ enabled: true });
  mkdirSync(bench.at('custom_nodes/.disabled'));
  renameSync(bench.at('custom_nodes/Foo'), bench.at('custom_nodes/.disabled/Foo'));
  expect((await list(bench))[0]).toMatchObject({ enabled: false });
});

it('a hundred packs are listed in the order of their names, whatever their kinds', async () => {
  using bench = openNodeBench(world);
  for (let n = 0; n < 100; n += 1)
    layByHand(bench, `pack-${n}`, { 'pyproject.toml': projectText(`pack-${n}`, '1.0.0'), 'a.py': '' });
  const began = performance.now();
  const nodes = await list(bench);
  process.stdout.write(`list: 100 packs in ${(performance.now() - began).toFixed(0)} ms\n`);
  expect(nodes).toHaveLength(100);
  expect(nodes.map(({ name }) => name)).toEqual(nodes.map(({ name }) => name).toSorted());
});

it('a directory that is no ComfyUI directory is refused', async () => {
  using bench = openNodeBench(world);
  rmSync(bench.at('custom_nodes'), { recursive: true });
  rmSync(bench.at('main.py'));
  const done = await bench.node('list');
  expect(done.failure).toMatchObject({ kind: 'absent' });
});

it('versions are ordered as semver orders them', () => {
  const ordered = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.9.0',
    '1.10.0',
    '2.0.0',
  ];
  expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered);
  expect(compareVersions('1.0.0+a', '1.0.0+b')).toBe(0);
});
