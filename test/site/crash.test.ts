import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { type Contents, inMemory, openRig, type Rig } from './rig.ts';
import { disturb, edits, isCommitted, renamer, switchTo, type Version, versions, view } from './switching.ts';

/** A target at version A that a person worked in. */
async function openDisturbed(): Promise<Rig> {
  const rig = openRig(inMemory);
  await switchTo('A', rig.open(), rig.store);
  disturb(rig);
  return rig;
}

/** What a switch from A to B comes to, when nothing happens on the way. */
async function cleanSwitch(): Promise<{
  readonly before: Contents;
  readonly after: Contents;
  readonly renames: number;
}> {
  using rig = await openDisturbed();
  const before = view(rig);
  const { rename, count } = renamer(Infinity);
  await switchTo('B', rig.open({ rename }), rig.store);
  return { before, after: view(rig), renames: count() };
}

function unlessTheEnd(thrown: unknown): void {
  if (!(thrown instanceof Error) || thrown.message !== 'the end of the world') throw thrown;
}

const slots = ['core', 'models', 'node', 'only A', 'only B', 'wheels'];

/** Everything that must be so after the switch, however it came about. */
function expectSwitched(rig: Rig, after: Contents): void {
  const site = rig.open();
  expect(view(rig)).toEqual(after);
  expect(site.slots().map(({ slot }) => slot)).toEqual(slots);
  for (const slot of slots.filter((name) => name !== 'only A')) expect([slot, site.holds(slot)]).toEqual([slot, true]);
  expect(site.answer('core')?.key).toBe('B');
  const records = join(rig.target, '.pipeline');
  expect(JSON.parse(readFileSync(join(records, 'current.json'), 'utf8'))).toMatchObject({ version: 'B' });
  expect(readdirSync(join(records, 'history')).toSorted()).toEqual(['1.lock.json', '2.lock.json']);
  const left = readdirSync(records).filter((name) => ['journal.json', 'staging', 'trash'].includes(name));
  expect(left).toEqual([]);
}

test('a clean switch loses nothing of the user', async () => {
  const { after } = await cleanSwitch();
  const texts = Object.values(after);
  for (const text of Object.values(edits)) expect(texts).toContain(text);
  expect(after).toMatchObject(versions.B.core);
  expect(after).toMatchObject({
    'custom_nodes/.disabled/only@A/mine.py': 'mine in only',
    'custom_nodes/only/only.py': 'B',
  });
});

test('a switch cut short before any of its renames is the old version or the new one, and goes on from there', async () => {
  const { before, after, renames } = await cleanSwitch();
  let committed = 0;
  for (let k = 0; k < renames; k += 1) {
    using rig = await openDisturbed();
    const cut = switchTo('B', rig.open({ rename: renamer(k).rename }), rig.store);
    await expect(cut).rejects.toThrow('the end of the world');
    committed += Number(isCommitted(rig));
    const expected = isCommitted(rig) ? after : before;
    await rig.open().recover();
    expect([k, view(rig)]).toEqual([k, expected]);
    await switchTo('B', rig.open(), rig.store);
    expectSwitched(rig, after);
  }
  // The journal comes first: all but one rename are after it.
  expect(committed).toBe(renames - 1);
});

test('a recovery that is cut short, and the recovery of that, come to the same', async () => {
  const { after, renames } = await cleanSwitch();
  for (let k = 1; k < renames; k += 1) {
    using rig = await openDisturbed();
    await expect(switchTo('B', rig.open({ rename: renamer(k).rename }), rig.store)).rejects.toThrow('the end');
    // Every recovery gets further than the one before.
    for (let n = k % 5; isCommitted(rig) && n < renames + 5; n += 5)
      await rig
        .open({ rename: renamer(n).rename })
        .recover()
        .catch(unlessTheEnd);
    expect(isCommitted(rig)).toBe(false);
    expectSwitched(rig, after);
  }
});

test('a first placement cut short anywhere leaves nothing, or all of it', async () => {
  using model = openRig(inMemory);
  const { rename, count } = renamer(Infinity);
  await switchTo('A', model.open({ rename }), model.store);
  for (let k = 0; k < count(); k += 1) {
    using rig = openRig(inMemory);
    await expect(switchTo('A', rig.open({ rename: renamer(k).rename }), rig.store)).rejects.toThrow('the end');
    const expected = isCommitted(rig) ? view(model) : {};
    await rig.open().recover();
    expect([k, view(rig)]).toEqual([k, expected]);
    await switchTo('A', rig.open(), rig.store);
    expect(view(rig)).toEqual(view(model));
  }
});

test('there and back as often as one likes', async () => {
  using rig = openRig(inMemory);
  const views: Contents[] = [];
  for (const version of ['A', 'B', 'A', 'B', 'A'] satisfies Version[]) {
    await switchTo(version, rig.open(), rig.store);
    views.push(view(rig));
  }
  expect([views[2], views[3]]).toEqual([views[4], views[1]]);
  expect(rig.notes.filter((note) => note.startsWith('warning'))).toEqual([]);
});
