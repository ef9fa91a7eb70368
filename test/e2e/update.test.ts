import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import type { Lockfile } from '../../pipelines/documents/lockfile.ts';
import { openToday } from './today.ts';
import { hasPip } from './wheels.ts';

// Which packages fit together is asked of pip.
it.skipIf(!hasPip)('`latest` and branches stay where they were locked until --update names them', async () => {
  await using today = await openToday();
  using bench = today.bench();
  const { world } = today;
  const lockText = (): string => readFileSync(join(bench.project, 'lockfiles/full.lock.json'), 'utf8');
  const validate = async (...more: readonly string[]): Promise<Lockfile> => {
    expect((await bench.pipeline(['validate', 'full', '--json', ...more])).summary).toMatchObject({ ok: true });
    return JSON.parse(lockText()) as Lockfile;
  };
  const before = await validate();
  const text = lockText();

  const pack = world.pack('Gamma', '1.1.0', {
    '__init__.py': 'GAMMA = 2\n',
    'pyproject.toml': '[project]\nname = "Gamma"\nversion = "1.1.0"\n',
  });
  const releases = ['1.0.0', '1.1.0'].map((version) => ({
    version,
    node_id: 'gamma',
    downloadUrl: String(pack['url']).replace('1.1.0', version),
    status: 'NodeVersionStatusActive',
  }));
  world.files.serve('/registry/nodes/gamma/versions', JSON.stringify(releases), { type: 'application/json' });
  await world.commit('alpha', { '__init__.py': 'ALPHA = 2\n' });
  await world.commit('core', { 'main.py': 'print("core 2")\n' });

  await validate();
  expect(lockText()).toBe(text);

  const { url, sha256, size } = pack;
  const moved = { ...before.nodes.find(({ kind }) => kind === 'registry')!, version: '1.1.0', url, sha256, size };
  const nodes = before.nodes.map((node) => (node.kind === 'registry' ? moved : node));
  expect(await validate('--update', 'gamma')).toEqual({ ...before, nodes });
});

it.skipIf(!hasPip)(
  'the lockfile says how large each wheel is, so that a dry run tells the bytes to fetch',
  async () => {
    await using today = await openToday();
    using bench = today.bench();
    expect((await bench.pipeline(['validate', 'full', '--json'])).summary.ok).toBe(true);
    const { models, nodes, python } = JSON.parse(
      readFileSync(join(bench.project, 'lockfiles/full.lock.json'), 'utf8'),
    ) as Lockfile;
    const { wheels } = python.platforms[0]!;
    const served = new Map(today.world.files.asked.map(({ method, path }) => [path, method]));
    for (const wheel of wheels) {
      if ('source' in wheel) throw new Error(`${wheel.name} is to be built`);
      const { url, size } = wheel;
      expect(size).toBe((await (await fetch(url)).arrayBuffer()).byteLength);
      expect(served.get(new URL(url).pathname)).toBe('HEAD');
    }
    // On a machine that has nothing yet, all of it is to be fetched.
    using fresh = today.bench();
    fresh.write({ 'lockfiles/full.lock.json': readFileSync(join(bench.project, 'lockfiles/full.lock.json'), 'utf8') });
    const { stdout } = await fresh.pipeline(['realize', 'full', '--target', fresh.target, '--dry-run', '--json']);
    const { bytes_to_fetch: bytes } = JSON.parse(stdout) as { readonly bytes_to_fetch: number };
    const sizes = [...wheels, ...models, ...nodes].map((entry) => ('size' in entry ? (entry.size ?? 0) : 0));
    expect(bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
  },
);
