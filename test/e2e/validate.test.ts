import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Lockfile } from '../../pipelines/documents/lockfile.ts';
import { type Bench, checkout, copyTree, openDemo } from './rig.ts';
import { openToday, type Today } from './today.ts';
import { listing } from './tree.ts';
import { hasPip } from './wheels.ts';

const lockPath = (bench: Bench, id = 'full'): string => join(bench.project, `lockfiles/${id}.lock.json`);
const textOf = (bench: Bench, id = 'full'): string => readFileSync(lockPath(bench, id), 'utf8');
const lockOf = (bench: Bench): Lockfile => JSON.parse(textOf(bench)) as Lockfile;

// Which packages fit together is asked of pip.
describe.skipIf(!hasPip)('validate', () => {
  let today: Today;
  let warm: Bench;
  let bench: Bench;
  beforeAll(async () => {
    today = await openToday();
    warm = today.bench();
    const { summary } = await warm.pipeline(['validate', 'full', '--json']);
    if (!summary.ok) throw new Error('The version cannot be validated');
  });
  afterAll(async () => {
    warm[Symbol.dispose]();
    await today[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    bench = today.bench();
    copyTree(warm.cache, bench.cache);
    copyTree(lockPath(warm), lockPath(bench));
  });
  afterEach(() => bench[Symbol.dispose]());
  const validate = (...more: readonly string[]) => bench.pipeline(['validate', 'full', '--json', ...more]);

  it('what realizing it would take is told in the end, and none of it is done', async () => {
    const { exitCode, stdout } = await bench.pipeline(['validate', 'full']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^to realize it in .*: \d+ hit, \d+ would run.* \(`pipeline realize full --dry-run` lists them\)\n$/m,
    );
    expect(existsSync(join(bench.home, 'comfy-full'))).toBe(false);
  });

  it('validate writes a lockfile that pins everything, and says where it is', async () => {
    rmSync(lockPath(bench));
    const { summary } = await validate();
    const result = { kind: 'lockfile', file: 'lockfiles/full.lock.json', nodes: 4, models: 1, wheels: 2, bytes: 7 };
    expect(summary).toMatchObject({ ok: true, exit_code: 0, result });
    const { core, nodes, models, python } = lockOf(bench);
    expect(core.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(nodes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'registry Gamma',
      'git alpha',
      'git beta',
      'local own',
    ]);
    expect(models[0]).toMatchObject({ path: 'vae/x.safetensors', size: 7 });
    expect(python.platforms[0]!.wheels.map(({ name, wanted_by: by }) => [name, by])).toEqual([
      ['shade', ['alpha/requirements.txt:1', 'tint']],
      ['tint', ['core/requirements.txt:1']],
    ]);
  });

  it('validate twice gives the same bytes', async () => {
    const before = textOf(bench);
    expect((await validate()).summary.ok).toBe(true);
    expect(textOf(bench)).toBe(before);
    rmSync(lockPath(bench));
    expect((await validate()).summary.ok).toBe(true);
    expect(textOf(bench)).toBe(before);
  });

  it('validate in another project directory, with another cache, gives the same bytes', async () => {
    using other = today.bench();
    expect((await other.pipeline(['validate', 'full', '--json'])).exitCode).toBe(0);
    expect(textOf(other)).toBe(textOf(bench));
    expect(textOf(other)).not.toContain(other.directory);
  });

  it('validate --update of one name moves only that, and without it nothing moves', async () => {
    await using own = await openToday();
    using there = own.bench();
    const validateThere = async (...more: readonly string[]): Promise<Lockfile> => {
      expect((await there.pipeline(['validate', 'full', '--json', ...more])).summary.ok).toBe(true);
      return lockOf(there);
    };
    const before = await validateThere();
    const alpha = await own.world.commit('alpha', { '__init__.py': 'ALPHA = 2\n' });
    const beta = await own.world.commit('beta', { '__init__.py': 'BETA = 2\n' });
    const core = await own.world.commit('core', { 'main.py': 'print("core 2")\n' });
    expect(await validateThere()).toEqual(before);
    const moved = (...commits: readonly { readonly repo: string; readonly commit: string }[]) =>
      before.nodes.map((node) => ({
        ...node,
        ...commits.find(({ repo }) => node.kind === 'git' && node.repo === repo),
      }));
    expect(await validateThere('--update', 'alpha')).toEqual({ ...before, nodes: moved(alpha) });
    const everything = { ...before, core: { ...before.core, ...core }, nodes: moved(alpha, beta) };
    expect(await validateThere('--update')).toEqual(everything);
  });

  it('validate of a ref that does not exist fails its step with exit code 3, and writes nothing', async () => {
    const version = JSON.parse(readFileSync(join(bench.project, 'versions/full.json'), 'utf8')) as object;
    bench.write({ 'versions/full.json': { ...version, comfy: { repo: today.world.git.url('core'), ref: 'gone' } } });
    const before = listing(bench.project);
    const { exitCode, failed } = await validate();
    expect(exitCode).toBe(3);
    expect(failed).toMatchObject({ task: 'resolve-commit', failure: { kind: 'absent' } });
    expect(listing(bench.project)).toEqual(before);
  });

  it('what validate locked is what realize makes', async () => {
    const { summary } = await bench.realize('full', ['--frozen']);
    expect(summary).toMatchObject({ ok: true });
    for (const name of ['Gamma', 'alpha', 'beta', 'own'])
      expect(existsSync(join(bench.target, 'custom_nodes', name, '__init__.py'))).toBe(true);
  });

  it('realize without a lockfile writes the one that validate writes', async () => {
    const expected = textOf(bench);
    rmSync(lockPath(bench));
    const { exitCode, summary } = await bench.realize('full');
    expect(exitCode).toBe(0);
    expect(summary.ok).toBe(true);
    expect(textOf(bench)).toBe(expected);
  });

  it.each([
    ['--frozen', ['--frozen'], {}],
    ['CI=true', [], { CI: 'true' }],
  ] as const)('%s without a lockfile refuses with exit code 3 and writes nothing', async (_, flags, env) => {
    rmSync(lockPath(bench));
    const before = listing(bench.directory);
    const { exitCode, stderr, events } = await bench.realize('full', flags, { env });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('lockfiles/full.lock.json');
    expect(stderr).toMatch(/^hint: .*pipeline validate full/m);
    expect(events).toEqual([]);
    expect(listing(bench.directory)).toEqual(before);
  });

  it.each([
    ['--frozen', ['--frozen'], {}],
    ['CI=true', [], { CI: 'true' }],
  ] as const)(
    '%s with a lockfile of another version of the version refuses with exit code 3',
    async (_, flags, env) => {
      const version = JSON.parse(readFileSync(join(bench.project, 'versions/full.json'), 'utf8')) as object;
      bench.write({ 'versions/full.json': { ...version, models: [] } });
      const before = listing(bench.directory);
      const { exitCode, stderr } = await bench.realize('full', flags, { env });
      expect(exitCode).toBe(3);
      expect(stderr).toContain('lockfiles/full.lock.json');
      expect(listing(bench.directory)).toEqual(before);
    },
  );

  it('validate of the shipped version gives the shipped lockfile', async () => {
    using demo = openDemo();
    rmSync(lockPath(demo, 'demo'));
    expect((await demo.pipeline(['validate', 'demo', '--json'])).exitCode).toBe(0);
    expect(textOf(demo, 'demo')).toBe(readFileSync(join(checkout, 'lockfiles/demo.lock.json'), 'utf8'));
  });
});
