import { expect } from 'vitest';

import { startPackageIndex } from '../rig/package-index.ts';
import { inWorld, lib, type World } from './world.ts';

inWorld(
  'torch and what is made for it comes from the index of its build, and nothing else does',
  async (world) => {
    await using builds = await startPackageIndex({ base: '/whl/cu128' });
    for (const name of ['torch', 'torchvision', 'numpy', 'triton']) {
      world.index.wheel(lib(name, '9.9'));
      builds.wheel(
        name === 'torch'
          ? lib(name, '2.9.0+cu128', 'triton==3.5', 'numpy')
          : lib(name, name === 'triton' ? '3.5' : '0.24.0+cu128'),
      );
    }
    world.index.wheel(lib('numpy', '2.1'));
    world.index.wheel(lib('xformers', '0.1'));
    const environment = { PIPELINE_TORCH_INDEX: `${builds.server.origin}/whl/` };
    const { packages } = await world.resolve(
      { a: 'torch==2.9.0', b: 'torchvision', c: 'xformers' },
      { torch: 'cu128', environment },
    );
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'numpy 9.9',
      'torch 2.9.0+cu128',
      'torchvision 0.24.0+cu128',
      'triton 3.5',
      'xformers 0.1',
    ]);
    // What only a build has is looked for there first, what it lacks elsewhere; nothing else is asked of it.
    expect(builds.asked().toSorted()).toEqual(['torch', 'torchvision', 'triton', 'xformers']);
    expect(world.index.asked()).not.toContain('torch');
    expect(world.index.asked()).not.toContain('torchvision');
    expect(await world.versions({ a: 'torch' })).toEqual(['torch 9.9']);
    expect(await world.failure({ a: 'torchaudio' }, { torch: 'cu128', environment })).toMatchObject({
      kind: 'absent',
      what: expect.stringContaining('torchaudio') as string,
    });
  },
  { each: true },
);

inWorld('a torch that a node keeps old is pointed at, with the node and the line', async (world) => {
  for (const version of ['2.8.0', '2.9.0']) world.index.wheel(lib('torch', version));
  world.index.wheel(lib('xformers', '0.0.32', 'torch==2.8.0'));
  const notesOn = async (lines: Parameters<World['resolve']>[0], overrides: readonly string[] = []) =>
    (await world.resolve(lines, { overrides })).notes.map(({ level, text }) => `${level}: ${text}`);
  expect(await notesOn({ 'core/requirements.txt:1': 'torch', 'ComfyUI-Foo/requirements.txt:3': 'torch<2.9' })).toEqual([
    'warning: torch 2.8.0 is taken, not 2.9.0: ComfyUI-Foo/requirements.txt:3 wants torch<2.9',
  ]);
  expect(await notesOn({ 'core/requirements.txt:1': 'torch', 'ComfyUI-Foo/requirements.txt:3': 'xformers' })).toEqual([
    'warning: torch 2.8.0 is taken, not 2.9.0: xformers 0.0.32 wants torch==2.8.0, for ComfyUI-Foo/requirements.txt:3',
  ]);
  // What the version itself says is a decision.
  expect(await notesOn({ 'core/requirements.txt:1': 'torch', python_packages: 'torch==2.8.0' })).toEqual([]);
  expect(await notesOn({ 'core/requirements.txt:1': 'torch' })).toEqual([]);
  expect(
    await notesOn({ 'core/requirements.txt:1': 'torch', 'ComfyUI-Foo/requirements.txt:3': 'xformers' }, [
      'torch==2.9.0',
    ]),
  ).toEqual(['warning: xformers 0.0.32 is made for torch==2.8.0, and gets 2.9.0 by an override']);
});
