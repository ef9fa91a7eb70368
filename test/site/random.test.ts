import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { directoriesOf } from '../../tasks/tools/site/path.ts';
import { type Content, type Contents, inMemory, openRig, read, type Rig, write } from './rig.ts';
import { renamer } from './switching.ts';

const path = fc.constantFrom('a', 'b', 'a/a', 'a/b', 'b/a', 'a/a/a', 'a/b/a', 'c/d/e', 'c/d/f');
const content: fc.Arbitrary<Content> = fc.oneof(
  fc.constantFrom('1', '2', '33', ''),
  fc.constantFrom({ program: '1' }, { link: 'x' }, { link: 'b/a' }, { empty: true as const }),
);

/** A tree: nothing is below anything but a directory. */
const tree = fc.dictionary(path, content, { maxKeys: 7 }).map((all): Contents => {
  const parents = directoriesOf(Object.keys(all));
  return Object.fromEntries(Object.entries(all).filter(([at]) => !parents.has(at)));
});

/** What a person does: writes texts of their own, unlike any other, or deletes. */
const deeds = fc.array(fc.record({ path, does: fc.constantFrom('write', 'delete') }), { maxLength: 5 });

/** Does it, where it can be done, and answers every text of the person's that is there in the end. */
function interfere(rig: Rig, all: readonly { readonly path: string; readonly does: string }[]): readonly string[] {
  for (const [n, { path: at, does }] of all.entries())
    try {
      if (does === 'delete') rmSync(join(rig.target, at), { recursive: true });
      else write(rig.target, { [at]: `mine ${n}`, [`${dirname(at)}/beside`]: `mine beside ${n}` });
    } catch {
      // Nothing is there, or a file is where a directory would have to be.
    }
  return textsOf(rig).filter((text) => text.startsWith('mine'));
}

const textsOf = (rig: Rig): readonly string[] =>
  Object.values(read(rig.target))
    .flatMap((what) => (typeof what === 'string' ? [what] : []))
    .toSorted();

/** An empty directory is still as wanted when somebody put something in it. */
const mustBe = (wanted: Contents, there: Contents): Contents =>
  Object.fromEntries(
    Object.entries(wanted).filter(
      ([at, what]) =>
        typeof what === 'string' ||
        !('empty' in what) ||
        !Object.keys(there).some((other) => other.startsWith(`${at}/`)),
    ),
  );

test('whatever was there, and wherever it was cut short: what is wanted is there, what is the user’s too, nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, deeds, fc.nat({ max: 25 }), async (before, after, person, renames) => {
      using rig = openRig(inMemory);
      await rig.place(before);
      const mine = interfere(rig, person);
      const site = rig.open({ rename: renamer(renames).rename });
      const order = { slot: 'core', base: '', parts: [{ tree: rig.store.tree(after), at: '', how: 'copy' as const }] };
      await site.stage(order);
      await site.activate({ version: 'v', lockfile: '' }).catch(() => {});
      await rig.place(after);

      const there = read(rig.target);
      expect(there).toMatchObject(mustBe(after, there));
      const wanted = Object.values(after).filter((what) => typeof what === 'string');
      expect(textsOf(rig)).toEqual([...mine, ...wanted].toSorted());
      const again = rig.open();
      await again.stage(order);
      expect([again.holds('core'), again.pending()]).toEqual([true, false]);
      expect(existsSync(join(rig.target, '.pipeline/journal.json'))).toBe(false);
    }),
    { numRuns: 200, seed: 7 },
  );
});
