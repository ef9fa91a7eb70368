import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Lockfile } from '../../pipelines/documents/lockfile.ts';
import { type Bench, type Ended, openBench } from './rig.ts';
import { hasPip, publish } from './wheels.ts';
import { openWorld, type World } from './world.ts';

const place = 'lockfiles/comfy-wan2.2.lock.json';

// Which packages fit together is asked of pip.
describe.skipIf(!hasPip)('a pair of generation 1 with everything that locks in the wild hold', () => {
  let world: World;
  let bench: Bench;
  let ended: Ended;
  let commits: readonly string[];

  beforeAll(async () => {
    world = await openWorld();
    bench = openBench();
    const { files, git } = world;
    const [tint] = ['tint', 'shade', 'gloss', 'appnope'].map((name) => publish(world, name));
    const core = await world.commit('ComfyUI', { 'main.py': 'print("core")\n' });
    const wrapper = await world.commit('wrapper', { '__init__.py': 'WRAPPER = 1\n' });
    commits = [core.commit, wrapper.commit];
    const at = (path: string, body: string): string => files.serve(`/org/repo/resolve/main/${path}`, body);
    bench.write({
      'nodes/mine/__init__.py': 'MINE = 1\n',
      'versions/wan.json': {
        id: 'wan',
        lock: place,
        target: '../target',
        options: { offline: '0', skip_models: 'false', pip_extra_args: `--no-cache-dir -i ${files.origin}/simple/` },
      },
      [place]: {
        version_name: 'wan2.2',
        comfyui: { ...core, path: '/Users/author/ComfyUI' },
        custom_nodes: [
          { name: 'WanVideoWrapper', repo: git.url('wrapper'), commit: null, path: null },
          { name: 'wrapper', repo: `${git.url('wrapper')}.git`, commit: wrapper.commit, path: '/Users/author/wrapper' },
          { name: 'mine', repo: null, commit: null, path: 'nodes/mine' },
          { name: 'lost', path: '/Users/author/lost' },
        ],
        python: {
          version: '3.11.9',
          interpreter: '/Users/author/.venv/bin/python',
          packages: [
            { name: 'tint', version: '1.0', url: tint },
            { name: 'shade', version: '1.0 ; python_version >= "3"', url: null },
            { name: 'gloss', version: null },
            { name: 'appnope', version: '0.1.4' },
          ],
        },
        models: [
          {
            name: 'vae',
            source: at('vae.safetensors', 'vae'),
            target_path: '$MODELS_DIR/vae/x.safetensors',
            checksum: `sha256:${hash('sha256', 'vae')}`,
          },
          {
            id: 'clip',
            source: at('clip.safetensors', 'clip'),
            path: '${MODELS_DIR}/clip/x.safetensors',
            checksum: hash('sha256', 'clip'),
          },
          {
            name: 'lora',
            source: at('lora.safetensors', 'lora'),
            target_path: 'loras/x.safetensors',
            checksum: `md5:${hash('md5', 'lora')}`,
          },
        ],
      },
    });
    ended = await bench.pipeline(['realize', 'wan', '--json']);
  });
  afterAll(async () => {
    bench[Symbol.dispose]();
    await world[Symbol.asyncDispose]();
  });
  const placed = (path: string): string => readFileSync(join(bench.target, path), 'utf8');

  it('is realized', () => {
    expect(ended.summary).toMatchObject({ ok: true, result: { version: 'wan', target: bench.target } });
    expect(placed('main.py')).toBe('print("core")\n');
    expect(readdirSync(join(bench.target, 'custom_nodes')).toSorted()).toEqual(['mine', 'wrapper']);
    for (const name of ['vae', 'clip', 'loras'])
      expect(existsSync(join(bench.target, 'models', name, 'x.safetensors'))).toBe(true);
  });

  it('is pinned in a lockfile of ours', () => {
    const lock = JSON.parse(readFileSync(join(bench.project, 'lockfiles/wan.lock.json'), 'utf8')) as Lockfile;
    expect(lock.core.commit).toBe(commits[0]);
    expect(lock.nodes.map((node) => [node.kind, node.name, 'commit' in node ? node.commit : undefined])).toEqual([
      ['local', 'mine', undefined],
      ['git', 'wrapper', commits[1]],
    ]);
    expect(lock.python.platforms[0]!.wheels.map(({ name }) => name)).toEqual(['gloss', 'shade', 'tint']);
    expect(lock.models.map(({ path, md5 }) => [path, md5 !== undefined])).toEqual([
      ['clip/x.safetensors', false],
      ['loras/x.safetensors', true],
      ['vae/x.safetensors', false],
    ]);
  });

  it.each([
    [`A \`path\` beside a \`repo\` is not used: /Users/author/ComfyUI and 1 more`],
    ['custom_nodes[0]: Left out (WanVideoWrapper): custom_nodes[1] (wrapper) is the same repository, and has a commit'],
    ['custom_nodes[3]: Left out (lost): it has no `repo`, and /Users/author/lost is no directory of this machine'],
    ['python.interpreter: Not used, as a version has an environment of its own: /Users/author/.venv/bin/python'],
    [
      'python.packages: Frozen on macOS, it seems (its interpreter is below /Users; appnope is for macOS alone): the pins stay, and are resolved for the machine that validates',
    ],
  ])('says: %s', (note) => {
    expect(ended.notes).toContain(`${place}: ${note}`);
  });
});
