import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { answerOf, openRig, read } from './rig.ts';
import { disturb, renamer, switchTo, versions } from './switching.ts';

const names = { version: 'v', lockfile: '{}' };

test('an answer takes effect with what is staged, or at once when nothing is', async () => {
  using rig = openRig();
  const site = rig.open();
  site.stageAnswer('free', answerOf('f'));
  expect(rig.open().answer('free')).toEqual(answerOf('f'));
  await site.stage({ slot: 's', base: '', parts: [{ text: '1', at: 'a' }] });
  site.stageAnswer('s', answerOf('1'));
  site.stageAnswer('beside', answerOf('b'));
  expect([site.answer('s'), site.answer('beside')]).toEqual([undefined, undefined]);
  await site.activate(names);
  expect([site.answer('s'), site.answer('beside')]).toEqual([answerOf('1'), answerOf('b')]);
  expect(site.slots()).toEqual([{ slot: 's', base: '', output: { version: '1' } }]);

  const next = rig.open();
  await next.stage({ slot: 's', base: '', parts: [{ text: '2', at: 'a' }] });
  next.stageAnswer('s', answerOf('2'));
  await rig.open().recover();
  expect(rig.open().answer('s')).toEqual(answerOf('1'));
});

test('what changes without an answer has none', async () => {
  using rig = openRig();
  const site = rig.open();
  await site.stage({ slot: 's', base: '', parts: [{ text: '1', at: 'a' }] });
  site.stageAnswer('s', answerOf('1'));
  await site.activate(names);
  await site.stage({ slot: 's', base: '', parts: [{ text: '2', at: 'a' }] });
  await site.activate(names);
  expect(site.answer('s')).toBe(undefined);
});

test('the lockfile in force, and a history without repetitions', async () => {
  using rig = openRig();
  const history = (n: number): string => join(rig.target, `.pipeline/history/${n}.lock.json`);
  const site = rig.open();
  for (const lockfile of ['A', 'A', 'B', 'A']) await site.activate({ version: `v${lockfile}`, lockfile });
  expect([1, 2, 3].map((n) => readFileSync(history(n), 'utf8'))).toEqual(['A', 'B', 'A']);
  expect(existsSync(history(4))).toBe(false);
  expect(readFileSync(join(rig.target, '.pipeline/lock.json'), 'utf8')).toBe('A');
  expect(JSON.parse(readFileSync(join(rig.target, '.pipeline/current.json'), 'utf8'))).toMatchObject({ version: 'vA' });
  expect(JSON.parse(readFileSync(join(rig.target, '.pipeline/target.json'), 'utf8'))).toMatchObject({ format: 1 });
});

test('opening and looking changes nothing on disk', async () => {
  using rig = openRig();
  const site = rig.open();
  await site.recover();
  expect([site.holds('core'), site.pending(), site.slots(), site.answer('core')]).toEqual([
    false,
    false,
    [],
    undefined,
  ]);
  expect(existsSync(rig.target)).toBe(false);
});

test('staging that fails leaves nothing staged', async () => {
  using rig = openRig();
  const tree = rig.store.tree({ 'a.py': '1', 'z.py': '2' });
  rmSync(join(rig.store.pathOf(tree), 'z.py'));
  const site = rig.open();
  await expect(site.stage({ slot: 's', base: '', parts: [{ tree, at: '', how: 'copy' }] })).rejects.toThrow('ENOENT');
  expect([site.pending(), read(rig.target)]).toEqual([false, {}]);
});

test('no record holds an absolute path of the target, not even the journal', async () => {
  using rig = openRig();
  await switchTo('A', rig.open(), rig.store);
  disturb(rig);
  const { rename } = renamer(1);
  await expect(switchTo('B', rig.open({ rename }), rig.store)).rejects.toThrow('the end of the world');
  const records = join(rig.target, '.pipeline');
  const files = readdirSync(records, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  expect(files.map(({ name }) => name)).toContain('journal.json');
  expect(texts.filter((text) => text.includes(rig.root))).toEqual([]);
});

test('a target that is moved while a change is cut short is finished where it is now', async () => {
  using rig = openRig();
  await switchTo('A', rig.open(), rig.store);
  await expect(switchTo('B', rig.open({ rename: renamer(9).rename }), rig.store)).rejects.toThrow(
    'the end of the world',
  );
  renameSync(rig.target, join(rig.root, 'moved'));
  const moved = rig.open({ target: join(rig.root, 'moved') });
  await moved.recover();
  expect(read(join(rig.root, 'moved'))).toMatchObject(versions.B.core);
  expect(moved.holds('core')).toBe(true);
});

test('a journal that cannot be read is set aside, and the target is compared instead', async () => {
  using rig = openRig();
  await switchTo('A', rig.open(), rig.store);
  await expect(switchTo('B', rig.open({ rename: renamer(9).rename }), rig.store)).rejects.toThrow(
    'the end of the world',
  );
  writeFileSync(join(rig.target, '.pipeline/journal.json'), '{"format":1,"moves":[{"from":"../x","to":"y"}]}');
  await switchTo('B', rig.open(), rig.store);
  expect(read(rig.target)).toMatchObject(versions.B.core);
  expect(existsSync(join(rig.target, '.pipeline/kept/journal-1'))).toBe(true);
});

test('nobody activates over a change that was cut short', async () => {
  using rig = openRig();
  await switchTo('A', rig.open(), rig.store);
  await expect(switchTo('B', rig.open({ rename: renamer(9).rename }), rig.store)).rejects.toThrow(
    'the end of the world',
  );
  await expect(rig.open().activate({ version: 'v', lockfile: '' })).rejects.toMatchObject({
    failure: { kind: 'busy' },
  });
});
