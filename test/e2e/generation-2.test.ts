import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Lockfile } from '../../pipelines/documents/lockfile.ts';
import { type Bench, openBench } from './rig.ts';
import { hasPip, publish } from './wheels.ts';
import { openWorld, type World } from './world.ts';

// Which packages fit together is asked of pip.
describe.skipIf(!hasPip)('a document of generation 2 with everything that people write', () => {
  let world: World;
  let bench: Bench;
  let heads: Readonly<Record<string, string>>;
  let document: Readonly<Record<string, unknown>>;

  beforeAll(async () => {
    world = await openWorld();
    const { git, files } = world;
    for (const name of ['tint', 'shade', 'never']) publish(world, name);
    await world.commit('core', { 'main.py': '', 'requirements.txt': 'tint\n' });
    const core = await world.commit('core', { 'main.py': 'print("core 2")\n' });
    const script = 'import os\nopen("seen.txt", "w").write(os.environ["MODE"] + os.environ["GREETING"])\n';
    const video = await world.commit('video', { '__init__.py': '', 'install.py': script });
    await world.commit('lip', { '__init__.py': '', 'requirements.txt': 'never\n' });
    heads = { core: core.commit, video: video.commit };
    const at = (path: string, body: string): string => files.serve(`/org/repo/resolve/main/${path}`, body);
    document = {
      schema_version: 2,
      id: 'wan22-fast',
      comfyui: { repo: git.url('core'), ref: 'master', commit: 'main' },
      custom_nodes: [
        { name: 'video', repo: `${git.url('video')}/`, commit: video.commit, path: null, run_install: 'true' },
        {
          name: 'lip-sync',
          repo: git.url('lip'),
          commit: 'main',
          install_requirements: '0',
          target_dir: '${COMFY_HOME}/custom_nodes/Wav2Lip',
        },
      ],
      models: [
        {
          name: 'vae',
          source: at('vae.safetensors', 'vae'),
          target_path: '$MODELS_DIR/vae/x.safetensors',
          target_subdir: null,
          checksum: null,
        },
        {
          name: 'again',
          source: [at('vae.safetensors', 'vae')],
          path: 'vae/x.safetensors',
          checksum: hash('sha256', 'vae'),
        },
        {
          id: 'wan2.2',
          source: at('unet.gguf', 'unet'),
          target_subdir: 'unet',
          checksum: `md5:${hash('md5', 'unet')}`,
        },
        { source: at('lip.pth', 'lip'), target_path: '$COMFY_HOME/custom_nodes/Wav2Lip/checkpoints/lip.pth' },
      ],
      python_packages: ['shade', '--force-reinstall'],
      python: { index_url: `${files.origin}/simple/` },
      env: { MODE: 'fast', GREETING: '${WHO}', LATER: '${NOBODY}', COMFY_PYTHON: 'python3' },
      options: { offline: '0', skip_models: 'False' },
      extra_models: null,
      notes: 'mine',
    };
  });
  afterAll(() => world[Symbol.asyncDispose]());
  beforeEach(() => {
    bench = openBench();
    bench.write({ 'versions/fast.json': document });
  });
  afterEach(() => bench[Symbol.dispose]());

  const WHO = 'canary-of-the-caller';
  const lockText = (): string => readFileSync(join(bench.project, 'lockfiles/wan22-fast.lock.json'), 'utf8');
  const lock = (): Lockfile => JSON.parse(lockText()) as Lockfile;
  const placed = (path: string): string => readFileSync(join(bench.target, path), 'utf8');
  const realize = (...more: readonly string[]) =>
    bench.pipeline(['realize', 'fast', '--target', bench.target, '--json', ...more], { env: { WHO } });

  it('is realized, and what is odd about it is said', async () => {
    const { summary, notes, stdout } = await realize();
    expect(summary).toMatchObject({ ok: true, result: { version: 'wan22-fast' } });
    expect(notes.filter((note) => !/^(?:Wrote|The lockfile)/.test(note))).toEqual(
      expect.arrayContaining([
        'versions/fast.json: comfy.commit: Names a branch or tag, so `ref` is ignored',
        'versions/fast.json: extra_models: Unknown key, ignored',
        'versions/fast.json: notes: Unknown key, ignored',
        'versions/fast.json: version_id: The file is named fast, but the id is wan22-fast',
        'env.LATER is left out: NOBODY is not set',
        'python_packages, line 2: --force-reinstall is left out, it changes nothing here',
      ]),
    );
    expect(placed('main.py')).toBe('print("core 2")\n');
    expect(existsSync(join(bench.target, 'custom_nodes/Wav2Lip/__init__.py'))).toBe(true);
    expect(existsSync(join(bench.target, 'custom_nodes/lip-sync'))).toBe(false);
    expect(placed('models/vae/x.safetensors')).toBe('vae');
    expect(placed('models/unet/wan2.2.gguf')).toBe('unet');
    expect(placed('custom_nodes/Wav2Lip/checkpoints/lip.pth')).toBe('lip');
    expect(placed('custom_nodes/video/seen.txt')).toBe(`fast${WHO}`);
    expect(stdout).not.toContain(WHO);
  });

  it('is pinned: branches exactly, mirrors once, packages of those alone who may ask, and no value of the caller', async () => {
    expect((await bench.pipeline(['validate', 'fast', '--json'], { env: { WHO } })).summary).toMatchObject({
      ok: true,
    });
    const { core, nodes, models, python, env } = lock();
    expect(core).toMatchObject({ commit: heads['core'], ref: 'refs/heads/main' });
    expect(nodes.map(({ name }) => name)).toEqual(['Wav2Lip', 'video']);
    expect(models.map(({ root, path, sources }) => [root, path, sources.length])).toEqual([
      ['models', 'unet/wan2.2.gguf', 1],
      ['models', 'vae/x.safetensors', 1],
      ['target', 'custom_nodes/Wav2Lip/checkpoints/lip.pth', 1],
    ]);
    expect(python.platforms[0]!.wheels.map(({ name, wanted_by: by }) => [name, by])).toEqual([
      ['shade', ['python_packages']],
      ['tint', ['core/requirements.txt:1']],
    ]);
    expect(env).toMatchObject({ MODE: 'fast', GREETING: '${WHO}' });
    expect(lockText()).not.toContain(WHO);
  });

  it('skip_models leaves the models out, of the document or of the command line', async () => {
    bench.write({ 'versions/fast.json': { ...document, options: { skip_models: 1 } } });
    expect((await realize()).summary).toMatchObject({ ok: true });
    expect(existsSync(join(bench.target, 'models/vae/x.safetensors'))).toBe(false);
    expect(lock().models).toHaveLength(3);
    expect(lock().options).toEqual({ offline: false, skip_models: true });
  });
});
