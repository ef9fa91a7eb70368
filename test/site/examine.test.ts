import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { examine } from '../../tasks/tools/site/examine.ts';
import { historyOf, realizedAt } from '../../tasks/tools/site/history.ts';
import { measureTarget } from '../../tasks/tools/site/measure.ts';
import { strangersIn } from '../../tasks/tools/site/strangers.ts';
import { openRig, type Rig } from './rig.ts';

const lookedAt = { rehash: false, signal: new AbortController().signal };
const readAgain = { ...lookedAt, rehash: true };

/** A target with a file of each kind: placed as a copy, as a link, as a link to the store, as an empty directory. */
async function openTarget(linkMode: 'copy' | 'hardlink' = 'copy'): Promise<Rig> {
  const rig = openRig();
  const site = rig.open({ linkMode });
  const core = rig.store.tree({
    'main.py': 'main',
    'run.sh': { program: '#!' },
    link: { link: 'main.py' },
    temp: { empty: true },
  });
  const wheel = rig.store.tree({
    'lib/python3.11/site-packages/w/__init__.py': 'w = 1',
    'lib/python3.11/site-packages/w-1.0.dist-info/RECORD': '',
  });
  const node = rig.store.tree({ 'n.py': 'n' });
  await site.stage({ slot: 'core', base: '', parts: [{ tree: core, at: '', how: 'copy' }] });
  await site.stage({ slot: 'wheels', base: '.venv', parts: [{ tree: wheel, at: '', how: 'link' }] });
  await site.stage({ slot: 'node n (git)', base: 'custom_nodes/n', parts: [{ tree: node, at: '', how: 'copy' }] });
  await site.stage({ slot: 'models', base: '', parts: [{ blob: rig.store.blob('model'), at: 'models/m.bin' }] });
  await site.activate({ version: 'v', lockfile: 'first' });
  return rig;
}

test.each<[title: string, damage: (rig: Rig) => void, found: readonly [slot: string, path: string, fault: string]]>([
  ['a file is gone', ({ target }) => rmSync(join(target, 'main.py')), ['core', 'main.py', 'missing']],
  ['a file was edited', ({ target }) => writeFileSync(join(target, 'main.py'), 'mine'), ['core', 'main.py', 'edited']],
  [
    'a file has another size',
    ({ target }) => writeFileSync(join(target, 'main.py'), ''),
    ['core', 'main.py', 'edited'],
  ],
  [
    'a directory stands where a file was',
    ({ target }) => {
      rmSync(join(target, 'main.py'));
      mkdirSync(join(target, 'main.py'));
    },
    ['core', 'main.py', 'replaced'],
  ],
  [
    'a link leads elsewhere',
    ({ target }) => {
      rmSync(join(target, 'link'));
      symlinkSync('run.sh', join(target, 'link'));
    },
    ['core', 'link', 'replaced'],
  ],
  [
    'an empty directory is gone',
    ({ target }) => rmSync(join(target, 'temp'), { recursive: true }),
    ['core', 'temp', 'missing'],
  ],
  [
    'the store has no model any more',
    ({ store }) => rmSync(store.pathOf(store.blob('model'))),
    ['models', 'models/m.bin', 'dangling'],
  ],
  [
    'a receipt cannot be read',
    ({ target }) => writeFileSync(join(target, '.pipeline/receipts/node%20n%20%28git%29.files'), 'torn'),
    ['node n (git)', 'custom_nodes/n', 'of unknown content'],
  ],
])('examine() says when %s, and nothing else', async (_title, damage, [slot, path, fault]) => {
  using rig = await openTarget();
  expect(await examine(rig.target, readAgain)).toEqual([]);
  damage(rig);
  expect(await examine(rig.target, lookedAt)).toEqual([{ slot, path, fault }]);
});

test('examine() sees bytes behind an unchanged fingerprint only when it reads them', async () => {
  using rig = await openTarget();
  const file = join(rig.target, 'main.py');
  // Whole seconds: a time that Node can put back.
  utimesSync(file, 1, 1);
  await rig.place({ 'main.py': 'main' });
  writeFileSync(file, 'evil');
  utimesSync(file, 1, 1);
  expect(await examine(rig.target, lookedAt)).toEqual([]);
  expect(await examine(rig.target, readAgain)).toEqual([
    { slot: 'core', path: 'main.py', fault: 'edited', isHidden: true },
  ]);
});

test('measureTarget() tells what is shared from what is its own, and what is nobody of ours', async () => {
  using rig = await openTarget('hardlink');
  writeFileSync(join(rig.target, 'mine.txt'), 'x'.repeat(1000));
  const { slots, others } = measureTarget(rig.target);
  expect(Object.fromEntries(slots)).toEqual({
    core: { shared: 0, own: 6 },
    models: { shared: 5, own: 0 },
    'node n (git)': { shared: 0, own: 1 },
    wheels: { shared: 5, own: 0 },
  });
  // The link of the core is one of ours, and no bytes.
  expect(others).toBe(1000);
});

test('strangersIn() names the packages that others installed', async () => {
  using rig = await openTarget();
  expect(strangersIn(rig.target)).toEqual([]);
  const path = '.venv/lib/python3.11/site-packages/extra_lib-2.0.dist-info';
  mkdirSync(join(rig.target, path));
  expect(strangersIn(rig.target)).toEqual([{ name: 'extra_lib 2.0', path }]);
});

test('realizedAt() finds the lockfile also when one of its two copies is damaged', async () => {
  using rig = await openTarget();
  expect(realizedAt(rig.target)).toMatchObject({ version: 'v', lockfile: 'first' });
  expect(historyOf(rig.target)).toMatchObject([{ n: 1, lockfile: 'first' }]);
  writeFileSync(join(rig.target, '.pipeline/lock.json'), 'torn');
  expect(realizedAt(rig.target)).toMatchObject({ lockfile: 'first' });
  rmSync(join(rig.target, '.pipeline/history/1.lock.json'));
  expect(realizedAt(rig.target)).toBeUndefined();
  expect(realizedAt(join(rig.target, 'nowhere'))).toBeUndefined();
});
