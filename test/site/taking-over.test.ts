import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import type { TargetSite } from '../../tasks/tools/site/site.ts';
import { type Contents, inMemory, openRig, read, type Rig, write } from './rig.ts';
import { renamer } from './switching.ts';

const clone = (root: string): string => join(root, 'former/pack@1');
const isFormer = (path: string): boolean => path.endsWith('/former/pack@1');

/** What somebody had there: an environment, a link to a clone, a pack copied by hand. */
function foreign({ root, target }: Rig): void {
  write(clone(root), { 'p.py': 'former' });
  write(target, {
    '.venv/pyvenv.cfg': 'theirs',
    '.venv/lib/s/old.py': 'theirs',
    '.venv/bin/python': { link: '/usr/bin/python3' },
    'custom_nodes/pack': { link: clone(root) },
    'custom_nodes/hand/h.py': 'theirs',
    'custom_nodes/hand/mine.json': 'theirs',
    'custom_nodes/same/s.py': '1',
    'custom_nodes/same/mine.json': 'theirs',
    'output/a.png': 'theirs',
  });
}

/** A run as `realize` makes it. */
async function realize({ store }: Rig, site: TargetSite): Promise<void> {
  await site.recover();
  const part = (contents: Contents) => ({ parts: [{ tree: store.tree(contents), at: '', how: 'copy' as const }] });
  await site.stage({ slot: 'venv', base: '.venv', ...part({ 'pyvenv.cfg': 'ours' }), alone: 'always' });
  await site.stage({ slot: 'wheels', base: '.venv', ...part({ 'lib/s/new.py': 'ours' }) });
  for (const [name, files] of [
    ['pack', { 'p.py': 'ours' }],
    ['hand', { 'h.py': 'ours' }],
    ['same', { 's.py': '1' }],
  ] as const)
    await site.stage({ slot: name, base: `custom_nodes/${name}`, ...part(files), alone: 'when it differs' });
  await site.stage({ slot: 'core', base: '', ...part({ 'main.py': 'ours' }) });
  if (site.pending()) await site.activate({ version: 'v', lockfile: '{}' });
}

const after: Contents = {
  '.venv/lib/s/new.py': 'ours',
  '.venv/pyvenv.cfg': 'ours',
  'custom_nodes/hand/h.py': 'ours',
  'custom_nodes/pack/p.py': 'ours',
  'custom_nodes/same/mine.json': 'theirs',
  'custom_nodes/same/s.py': '1',
  'main.py': 'ours',
  'output/a.png': 'theirs',
};

function expectTakenOver(rig: Rig): void {
  const kept = (name: string): Contents => read(join(rig.target, '.pipeline/kept', name));
  expect(read(rig.target)).toEqual(after);
  expect(kept('venv-1')).toEqual({
    'bin/python': { link: '/usr/bin/python3' },
    'lib/s/old.py': 'theirs',
    'pyvenv.cfg': 'theirs',
  });
  expect(kept('hand-1')).toEqual({ 'h.py': 'theirs', 'mine.json': 'theirs' });
  expect(kept('')['pack-1']).toEqual({ link: clone(rig.root) });
  expect(read(clone(rig.root))).toEqual({ 'p.py': 'former' });
}

test('what somebody had there is kept whole, said, and the second time there is nothing to do', async () => {
  using rig = openRig();
  foreign(rig);
  await realize(rig, rig.open({ isFormer }));
  expectTakenOver(rig);
  expect(rig.notes.toSorted()).toEqual([
    'warning: .venv was not placed by pipeline: all of it (1 kB) is kept as .pipeline/kept/venv-1',
    'warning: custom_nodes/hand was not placed by pipeline: all of it (1 kB) is kept as .pipeline/kept/hand-1',
    `warning: custom_nodes/pack was a link of an earlier tool to ${clone(rig.root)}, which stays: the link is kept as .pipeline/kept/pack-1`,
  ]);
  const site = rig.open({ isFormer });
  await realize(rig, site);
  expect([site.pending(), rig.notes.length]).toEqual([false, 3]);
});

test('cut short before any of its renames, the target is untouched or taken over, and goes on from there', async () => {
  let renames = Infinity;
  for (let k = 0; k < renames; k += 1) {
    using rig = openRig(inMemory);
    foreign(rig);
    const before = read(rig.target);
    const { rename, count } = renamer(k);
    const cut = realize(rig, rig.open({ isFormer, rename }));
    if (await cut.then(() => true, unlessTheEnd)) renames = count();
    else if (!existsSync(join(rig.target, '.pipeline/journal.json')))
      expect([k, read(rig.target)]).toEqual([k, before]);
    await realize(rig, rig.open({ isFormer }));
    expectTakenOver(rig);
  }
  expect(renames).toBeGreaterThan(10);
});

function unlessTheEnd(thrown: unknown): false {
  if (!(thrown instanceof Error) || thrown.message !== 'the end of the world') throw thrown;
  return false;
}

test('an environment is ours as long as anything in it is as it was placed, also when it was copied', async () => {
  using rig = openRig();
  await realize(rig, rig.open());
  write(rig.target, { '.venv/pyvenv.cfg': 'edited', '.venv/lib/s/added.py': 'added' });
  await realize(rig, rig.open());
  expect(read(join(rig.target, '.venv'))).toEqual({
    'lib/s/added.py': 'added',
    'lib/s/new.py': 'ours',
    'pyvenv.cfg': 'ours',
    'pyvenv.cfg.user-1': 'edited',
  });
  const copy = join(rig.root, 'copy');
  write(copy, read(join(rig.target, '.venv')));
  rmSync(join(rig.target, '.venv'), { recursive: true });
  renameSync(copy, join(rig.target, '.venv'));
  await realize(rig, rig.open());
  expect(existsSync(join(rig.target, '.pipeline/kept'))).toBe(false);
});

test('a pack in which another slot has something stays where it is', async () => {
  using rig = openRig();
  const model = { slot: 'models', base: '', parts: [{ text: 'weights', at: 'custom_nodes/hand/m' }] };
  const first = rig.open();
  await first.stage(model);
  await first.activate({ version: 'v', lockfile: '{}' });
  write(rig.target, { 'custom_nodes/hand/h.py': 'theirs' });
  await realize(rig, rig.open());
  expect(read(join(rig.target, 'custom_nodes/hand'))).toEqual({
    'h.py': 'ours',
    'h.py.user-1': 'theirs',
    m: 'weights',
  });
  expect(rig.open().holds('models')).toBe(true);
});

test('a link that no earlier tool made is refused', async () => {
  using rig = openRig();
  foreign(rig);
  await expect(realize(rig, rig.open())).rejects.toMatchObject({ failure: { kind: 'refused' } });
  expect(read(clone(rig.root))).toEqual({ 'p.py': 'former' });
});
