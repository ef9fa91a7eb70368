import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { glanceAt, openGlance } from '../../tasks/tools/site/glance.ts';
import { layoutOf } from '../../tasks/tools/site/layout.ts';
import { witnessTarget } from '../../tasks/tools/site/quick.ts';
import { stillSo, witness } from '../../tasks/tools/witness.ts';
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

test.each<[string, (packages: string) => void, boolean]>([
  ['that nobody touched', () => {}, true],
  ['where a file was removed', (packages) => rmSync(join(packages, 'one.py')), false],
  ['where a file was renamed over', (packages) => replaceFile(join(packages, 'one.py')), false],
  [
    'whose receipt is another',
    (packages) => appendFileSync(join(packages, '../.pipeline/receipts/wheels.files'), '\n'),
    false,
  ],
])('one glance at packages %s', async (_, happens, expected) => {
  using rig = openRig();
  const layout = layoutOf(rig.target);
  mkdirSync(layout.receipts, { recursive: true });
  mkdirSync(join(rig.target, 'packages'));
  writeFileSync(join(rig.target, 'packages/one.py'), 'one');
  const { size, mtimeMs, ino } = statSync(join(rig.target, 'packages/one.py'));
  const text = `f\t${size}\tsha\t${mtimeMs}\t${ino}\t-\tone.py\n`;
  writeFileSync(join(layout.receipts, 'wheels.json'), '{}');
  writeFileSync(join(layout.receipts, 'wheels.files'), text);
  const head = { slot: 'wheels', base: 'packages', digest: '', files: 1, lines: 1 };
  const receipts = { head: () => head, text: () => ({ ...head, text }) };
  const first = openGlance(layout);
  expect(first.holds(receipts)).toBe(true);
  first.keep();
  happens(join(rig.target, 'packages'));
  expect(glanceAt(layout) !== undefined).toBe(expected);
});

test('a glance that was cut short anywhere tells nothing', () => {
  using rig = openRig();
  const layout = layoutOf(rig.target);
  const file = join(layout.receipts, 'wheels.glance');
  mkdirSync(layout.receipts, { recursive: true });
  writeFileSync(file, '');
  const looks = [layout.records, layout.receipts].map(witness);
  const text = [`${looks.length}`, ...looks].join('\n');
  writeFileSync(file, text);
  expect(glanceAt(layout)).toEqual(looks);
  for (let length = 0; length < text.length; length += 1) {
    writeFileSync(file, text.slice(0, length));
    expect([length, glanceAt(layout)]).toEqual([length, undefined]);
  }
});

function replaceFile(path: string): void {
  writeFileSync(`${path}.new`, 'two');
  renameSync(`${path}.new`, path);
}
