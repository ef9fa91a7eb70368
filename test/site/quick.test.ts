import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { targetHolds } from '../../tasks/tools/site/quick.ts';
import { openRig, type Rig } from './rig.ts';
import { renamer, switchTo } from './switching.ts';

test.each<[string, (rig: Rig) => void | Promise<void>, boolean]>([
  ['that nobody touched', () => {}, true],
  ['where a file was edited', ({ target }) => writeFileSync(join(target, 'main.py'), 'x'), false],
  ['where a commit was made', ({ target }) => writeFileSync(join(target, '.git/HEAD'), 'c'.repeat(40)), false],
  ['where a model is missing', ({ root }) => rmSync(join(root, 'store'), { recursive: true }), false],
  ['where a receipt is torn', ({ target }) => writeFileSync(join(target, '.pipeline/receipts/core.files'), ''), false],
  [
    'whose receipt is no receipt',
    ({ target }) => writeFileSync(join(target, '.pipeline/receipts/core.files'), 'x\n'),
    false,
  ],
  ['that is gone', ({ target }) => rmSync(target, { recursive: true }), false],
  [
    'in the middle of a change',
    async (rig) => switchTo('B', rig.open({ rename: renamer(1).rename }), rig.store).catch(() => {}),
    false,
  ],
])('targetHolds() of a target %s', async (_, happens, expected) => {
  using rig = openRig();
  await switchTo('A', rig.open(), rig.store);
  await happens(rig);
  expect(targetHolds(rig.target)).toBe(expected);
});
