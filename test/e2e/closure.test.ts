import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Lockfile } from '../../pipelines/documents/lockfile.ts';
import { buildable, buildableFiles, tinyBuilder } from '../rig/builder.ts';
import { type PackageIndex, startPackageIndex } from '../rig/package-index.ts';
import { runIn } from './environment.ts';
import { type Bench, type Ended, openBench } from './rig.ts';
import { openWorld, type World } from './world.ts';

const works = (...command: readonly [string, ...string[]]): boolean => {
  try {
    execFileSync(command[0], command.slice(1), { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const hasCompiler = works('cc', '--version');

// Which packages fit together is asked of pip.
describe.skipIf(!works('python3', '-m', 'pip', '--version'))('the Python closure', () => {
  let world: World;
  let index: PackageIndex;
  let bench: Bench;
  beforeEach(async () => {
    world = await openWorld();
    index = await startPackageIndex();
    bench = openBench();
    index.wheel(tinyBuilder);
    await world.commit('core', { 'main.py': '', 'requirements.txt': '# the core\nlib>=1\n' });
  });
  afterEach(async () => {
    bench[Symbol.dispose]();
    await index[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });

  /** Writes the version `built` with a node of that name for each of `nodes`, whose requirements are given. */
  async function writeVersion(
    nodes: Readonly<Record<string, string>>,
    { python = {}, ...more }: { readonly python?: object; readonly [field: string]: unknown } = {},
  ): Promise<void> {
    for (const [name, requirements] of Object.entries(nodes))
      await world.commit(name, { '__init__.py': '', 'requirements.txt': requirements });
    bench.write({
      'versions/built.json': {
        schema_version: 2,
        version_id: 'built',
        comfy: { repo: world.git.url('core'), ref: 'main' },
        custom_nodes: Object.keys(nodes).map((name) => ({ name, repo: world.git.url(name) })),
        python: { index_url: index.url, ...python },
        ...more,
      },
    });
  }
  const validate = (...more: readonly string[]): Promise<Ended> =>
    bench.pipeline(['validate', 'built', '--json', ...more]);
  const lock = (): Lockfile =>
    JSON.parse(readFileSync(join(bench.project, 'lockfiles/built.lock.json'), 'utf8')) as Lockfile;
  const versions = (block = 0): readonly string[] =>
    lock().python.platforms[block]!.wheels.map(({ name, version }) => `${name} ${version}`);
  const lib = (version: string) =>
    index.wheel({ name: 'lib', version, files: { 'lib.py': `VERSION = "${version}"\n` } });

  it('what has no wheel is built once, out of its pinned source and its pinned tools, and works', async () => {
    lib('1.0');
    index.source(buildable({ name: 'crafted', native: hasCompiler, requires: ['lib'] }));
    await world.commit('cloned', { ...buildableFiles({ name: 'cloned', more: ['lib'] }) });
    await writeVersion({ alpha: 'crafted\n', beta: `# two\ncloned @ git+${world.git.url('cloned')}@main\n` });
    const { summary, notes } = await validate();
    expect(summary.ok).toBe(true);
    expect(notes.filter((text) => text.includes('is built from its source'))).toHaveLength(2);
    const { wheels } = lock().python.platforms[0]!;
    expect(wheels.map(({ name, kind, wanted_by: by }) => [name, kind, by])).toEqual([
      ['cloned', 'git', ['beta/requirements.txt:2']],
      ['crafted', 'archive', ['alpha/requirements.txt:1']],
      ['lib', undefined, ['core/requirements.txt:2', 'crafted']],
    ]);
    expect(wheels[0]).toMatchObject({ source: { repo: world.git.url('cloned'), ref: 'refs/heads/main' } });
    const realized = await bench.realize('built');
    expect(realized.summary).toMatchObject({ ok: true });
    expect(realized.built).toEqual(expect.arrayContaining(['build-wheel cloned', 'build-wheel crafted']));
    const program = `import cloned, crafted, lib${hasCompiler ? ', crafted_native; print(crafted_native.answer())' : '; print(42)'}`;
    expect(await runIn(bench.target, '.venv/bin/python', '-c', program)).toBe('42\n');
    // Another target, and a lock that was written anew with newer tools: what was compiled is not compiled again.
    index.wheel({ ...tinyBuilder, version: '2.0' });
    rmSync(join(bench.project, 'lockfiles/built.lock.json'));
    expect((await validate()).summary.ok).toBe(true);
    expect(JSON.stringify(lock())).toContain('tiny_builder-2.0');
    const again = await bench.pipeline(['realize', 'built', '--target', bench.at('other'), '--json']);
    expect(again.outcomes).toMatchObject({ 'build-wheel cloned': 'cached', 'build-wheel crafted': 'cached' });
    const offline = await bench.pipeline(['realize', 'built', '--target', bench.at('third'), '--json', '--offline']);
    expect(offline.summary).toMatchObject({ ok: true });
  });

  it('the closure stays while nobody who asks for packages has changed, whatever else does', async () => {
    lib('1.0');
    await writeVersion({ alpha: '' });
    await validate();
    const before = lock();
    lib('2.0');
    const model = world.model('vae/x.safetensors', 'a model');
    const asked = index.server.asked.length;
    await writeVersion(
      { alpha: '' },
      { models: [{ source: (model['sources'] as string[])[0], target_path: 'vae/x.safetensors' }] },
    );
    expect((await validate()).summary.ok).toBe(true);
    expect(lock().models).toHaveLength(1);
    expect(lock().python).toEqual(before.python);
    // A node that moves and asks for the same moves nothing else.
    await world.commit('alpha', { 'README.md': 'changed' });
    expect((await validate('--update', 'alpha')).summary.ok).toBe(true);
    expect(lock().nodes).not.toEqual(before.nodes);
    expect(lock().python).toEqual(before.python);
    expect(index.server.asked.length).toBe(asked);
  });

  it('who asks for more gets it, and nothing else moves; --update of a package moves that one', async () => {
    lib('1.0');
    index.wheel({ name: 'other', version: '1.0' });
    await writeVersion({ alpha: 'other\n' });
    await validate();
    lib('2.0');
    index.wheel({ name: 'other', version: '2.0' });
    index.wheel({ name: 'third', version: '1.0' });
    await world.commit('alpha', { 'requirements.txt': 'third\nother\n' });
    expect((await validate('--update', 'alpha')).summary.ok).toBe(true);
    expect(versions()).toEqual(['lib 1.0', 'other 1.0', 'third 1.0']);
    expect(lock().python.platforms[0]!.wheels[1]!.wanted_by).toEqual(['alpha/requirements.txt:2']);
    expect((await validate('--update', 'Other')).summary.ok).toBe(true);
    expect(versions()).toEqual(['lib 1.0', 'other 2.0', 'third 1.0']);
    // What has to move on the way is said, with who makes it.
    await world.commit('alpha', { 'requirements.txt': 'third\nother\nlib>=2\n' });
    const { notes } = await validate('--update', 'alpha');
    expect(versions()).toEqual(['lib 2.0', 'other 2.0', 'third 1.0']);
    expect(notes).toContain('lib moves from 1.0 to 2.0: alpha/requirements.txt:3 wants lib>=2');
    const unknown = await bench.pipeline(['validate', 'built', '--update', 'othr']);
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain('did you mean other?');
  });

  it('one lock holds several platforms and builds of torch, and realize takes the one that is meant', async () => {
    const [major, minor] = (await runPython('import sys; print(*sys.version_info[:2])')).trim().split(' ');
    const tag = (platform: string) => `cp${major}${minor}-cp${major}${minor}-${platform}`;
    const builds = await Promise.all(
      ['cu128', 'cpu'].map((build) => startPackageIndex({ server: index.server, base: `/whl/${build}` })),
    );
    for (const [at, build] of ['cu128', 'cpu'].entries())
      builds[at]!.wheel({
        name: 'torch',
        version: `2.9.0+${build}`,
        tag: tag('manylinux_2_28_x86_64'),
        files: { 'torch.py': `BUILD = "${build}"\n` },
      });
    index.wheel({ name: 'torch', version: '2.9.0', tag: tag('macosx_11_0_arm64') });
    lib('1.0');
    const platforms = ['linux-x86_64', { platform: 'linux-x86_64', torch: 'cpu' }, 'macosx-arm64'];
    await writeVersion({ alpha: 'torch==2.9.0\n' }, { python: { torch: 'cu128', platforms } });
    const env = { PIPELINE_TORCH_INDEX: `${index.server.origin}/whl` };
    expect((await bench.pipeline(['validate', 'built', '--json'], { env })).summary.ok).toBe(true);
    expect(lock().python.platforms.map(({ platform, torch, wheels }) => [platform, torch, wheels[1]!.version])).toEqual(
      [
        ['linux-x86_64', 'cpu', '2.9.0+cpu'],
        ['linux-x86_64', 'cu128', '2.9.0+cu128'],
        ['macosx-arm64', undefined, '2.9.0'],
      ],
    );
    const before = lock();
    expect((await bench.pipeline(['validate', 'built', '--json'], { env })).summary.ok).toBe(true);
    await world.commit('alpha', { 'requirements.txt': 'lib\ntorch==2.9.0\n' });
    expect((await bench.pipeline(['validate', 'built', '--json', '--update', 'alpha'], { env })).summary.ok).toBe(true);
    expect(filesOf(lock())).toEqual(filesOf(before));
    const torchIn = async (...flags: readonly string[]): Promise<string> => {
      expect((await bench.realize('built', flags)).summary.ok).toBe(true);
      return runIn(bench.target, '.venv/bin/python', '-c', 'import torch; print(torch.BUILD)');
    };
    expect(await torchIn()).toBe('cu128\n');
    expect(await torchIn('--torch', 'cpu')).toBe('cpu\n');
    const unknown = await bench.realize('built', ['--torch', 'cu126']);
    expect(unknown.exitCode).toBe(3);
    expect(unknown.stderr).toContain(
      'It has no wheels for linux-x86_64 with the cu126 build of torch, only with cpu, cu128',
    );
  });

  it('lines that may not be taken are all named with their files, and an override does without them', async () => {
    lib('1.0');
    index.wheel({ name: 'edited', version: '1.0' });
    await writeVersion({
      alpha: 'lib\n--extra-index-url https://elsewhere.example/whl\n',
      beta: '-e git+https://elsewhere.example/x#egg=edited\n',
    });
    const refused = await validate();
    expect(refused.exitCode).toBe(3);
    expect(refused.failed).toMatchObject({ failure: { kind: 'refused', what: '2 requirement lines' } });
    expect(JSON.stringify(refused.failed)).toContain(
      'alpha/requirements.txt:2 (--extra-index-url https://elsewhere.example/whl): --extra-index-url is not allowed',
    );
    await writeVersion(
      { alpha: 'lib\n', beta: '-e git+https://elsewhere.example/x#egg=edited\n' },
      { python: { overrides: ['edited==1.0'] } },
    );
    expect((await validate()).summary.ok).toBe(true);
    expect(versions()).toEqual(['edited 1.0', 'lib 1.0']);
  });

  it('a conflict ends with exit code 3 and says who wants what, and nothing is written', async () => {
    lib('1.0');
    lib('2.0');
    await writeVersion({ alpha: 'lib<2\n' }, { python_packages: ['lib>=2'] });
    const { exitCode, stdout } = await bench.pipeline(['validate', 'built']);
    expect(exitCode).toBe(3);
    expect(existsSync(join(bench.project, 'lockfiles/built.lock.json'))).toBe(false);
    expect(stdout.replaceAll(/^ {9}/gm, '')).toContain(`No version of lib suits everybody:
  core/requirements.txt:2   wants lib>=1
  alpha/requirements.txt:1  wants lib<2
  python_packages           wants lib>=2`);
    expect(stdout).toContain(
      'hint: "lib==2.0" in python.overrides settles it: alpha/requirements.txt:1 has to live with it',
    );
    await writeVersion({ alpha: 'lib<2\n' }, { python_packages: ['lib>=2'], python: { overrides: ['lib==2.0'] } });
    expect((await validate()).summary.ok).toBe(true);
    expect(versions()).toEqual(['lib 2.0']);
  });
});

const runPython = async (program: string): Promise<string> =>
  execFileSync('python3', ['-c', program], { encoding: 'utf8' });

/** The files of every platform. */
const filesOf = ({ python }: Lockfile): readonly unknown[] =>
  python.platforms.map(({ wheels }) => wheels.map((wheel) => ('filename' in wheel ? wheel.filename : wheel.name)));
