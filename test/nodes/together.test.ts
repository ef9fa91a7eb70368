import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { type NodeBench, type NodeWorld, openNodeBench, openNodeWorld, type TestPack } from './rig.ts';

let world: NodeWorld;
const packs = new Map<string, TestPack>();
beforeAll(async () => {
  world = await openNodeWorld();
  for (const name of ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']) {
    const pack = await world.pack(`Pack-${name}`);
    pack.release('1.0.0');
    pack.release('2.0.0', { 'new.py': '' });
    packs.set(name, pack);
  }
  await packs.get('C')!.commit({ ...packs.get('C')!.files('3.0.0') });
});
afterAll(async () => world[Symbol.asyncDispose]());

const launch = join(import.meta.dirname, '../../pipelines/cli/launch.cjs');

/** Runs the command line in a process of its own; answers its exit code, and what it said when that is not 0. */
async function started(bench: NodeBench, words: string): Promise<readonly [number | null, string]> {
  const args = [launch, 'node', ...words.split(' '), '--target', bench.target];
  const child = spawn(process.execPath, args, {
    env: bench.environment,
    cwd: bench.root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return [code, code === 0 ? '' : said];
}

it('eight operations of eight processes on one directory: each is done, none is lost', async () => {
  using bench = openNodeBench(world);
  await bench.done('install', 'pack-e@1.0.0');
  await bench.done('install', 'pack-f@1.0.0');
  await bench.done('install', 'pack-g@1.0.0');
  const ended = await Promise.all(
    [
      'install pack-a@1.0.0',
      'install pack-b@2.0.0',
      'install pack-c@nightly',
      'install pack-d',
      'update pack-e',
      'uninstall pack-f',
      'install pack-g@2.0.0 --keep-previous',
      'list --json',
    ].map((words) => started(bench, words)),
  );
  expect(ended).toEqual(ended.map(() => [0, '']));
  const { 'Pack-C': checkout, ...others } = bench.layout();
  expect(checkout).toMatch(/^nightly /);
  expect(others).toEqual({
    'Pack-A': '1.0.0',
    'Pack-B': '2.0.0',
    'Pack-D': '2.0.0',
    'Pack-E': '2.0.0',
    'Pack-G': '2.0.0',
    '.disabled/pack-g@1_0_0': '1.0.0',
  });
  expect(existsSync(bench.at('.pipeline/journal.json'))).toBe(false);
});

it('operations on one pack follow one another: the directory is one of the versions, whole', async () => {
  using bench = openNodeBench(world);
  const ended = await Promise.all(
    ['install pack-h@1.0.0', 'install pack-h@2.0.0', 'install PACK-H@1.0.0', 'install pack-h@2.0.0'].map((words) =>
      started(bench, words.replace('PACK-H', 'Pack-H')),
    ),
  );
  expect(ended).toEqual(ended.map(() => [0, '']));
  const [version] = Object.values(bench.layout());
  expect(Object.keys(bench.layout())).toEqual(['Pack-H']);
  expect(existsSync(bench.at('custom_nodes/Pack-H/new.py'))).toBe(version === '2.0.0');
  expect(bench.read('custom_nodes/Pack-H/nodes/a.py')).toBe(`A = "${version}"\n`);
});
