import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { witnessTarget } from '../../tasks/tools/site/quick.ts';
import { stillSo } from '../../tasks/tools/witness.ts';
import { openRig, type Rig } from './rig.ts';
import { renamer, switchTo } from './switching.ts';

test.each<[string, (rig: Rig) => void | Promise<void>, boolean]>([
  ['that nobody touched', () => {}, true],
  ['that somebody works in', ({ target }) => writeFileSync(join(target, 'notes.txt'), 'mine'), true],
  ['where a file was edited', ({ target }) => appendFileSync(join(target, 'main.py'), '#'), false],
  ['where a commit was made', ({ target }) => writeFileSync(join(target, '.git/HEAD'), 'c'.repeat(40)), false],
  ['where a model is missing', ({ root }) => rmSync(join(root, 'store'), { recursive: true }), false],
  ['where a receipt is torn', ({ target }) => writeFileSync(join(target, '.pipeline/receipts/core.files'), ''), false],
  ['that is gone', ({ target }) => rmSync(target, { recursive: true }), false],
  [
    'in the middle of a change',
    async (rig) => switchTo('B', rig.open({ rename: renamer(1).rename }), rig.store).catch(() => {}),
    false,
  ],
])('the witnesses of a target %s', async (_, happens, expected) => {
  using rig = openRig();
  await switchTo('A', rig.open(), rig.store);
  const witnesses = witnessTarget(rig.target);
  await happens(rig);
  expect(witnesses.every(stillSo)).toBe(expected);
});
