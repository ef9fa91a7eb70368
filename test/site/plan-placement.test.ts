import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { type Found, holdsBytesOf, type Item } from '../../tasks/tools/site/item.ts';
import { directoriesOf, parentOf, within } from '../../tasks/tools/site/path.ts';
import { type Action, planPlacement, type Scene } from '../../tasks/tools/site/plan-placement.ts';

const fingerprint = { size: 1, mtimeMs: 0, ino: 0, runs: false };
const path = fc.constantFrom('a', 'b', 'a/a', 'a/b', 'b/a', 'a/a/a', 'a/b/a', 'c/d/e');

const item = fc.oneof(
  fc.record({
    type: fc.constant('file' as const),
    mode: fc.constantFrom(0o644, 0o755),
    size: fc.constant(1),
    sha256: fc.constantFrom('x', 'y', 'z'),
  }),
  fc.record({ type: fc.constant('link' as const), to: fc.constantFrom('x', 'y') }),
  fc.constant({ type: 'directory' as const }),
);

/** No path of a listing is below another that is no directory. */
const listing = fc.dictionary(path, item, { maxKeys: 6 }).map((all): ReadonlyMap<string, Item> => {
  const parents = directoriesOf(Object.keys(all));
  return new Map(Object.entries(all).filter(([at]) => !parents.has(at)));
});

const asFound = (one: Item): Found =>
  one.type === 'file'
    ? { type: 'file', mode: one.mode, sha256: one.sha256, fingerprint }
    : one.type === 'git'
      ? { type: 'git', commit: one.commit }
      : one;

/** A disk: what a listing says, with directories, as `found` has it. */
const disk = listing.map((all) => {
  const found = new Map([...all].map(([at, one]) => [at, asFound(one)]));
  for (const directory of directoriesOf(all.keys())) found.set(directory, { type: 'directory' });
  return found;
});

const scene = fc
  .record({ wanted: listing, placed: listing, disk, dropping: fc.constant(false) })
  .map(({ disk: everything, ...rest }): Scene => {
    const asked = (at: string): boolean => rest.wanted.has(at) || rest.placed.has(at);
    const found = new Map([...everything].filter(([at]) => asked(at)));
    return { ...rest, base: '', found, lent: new Map(), beyond: new Map() };
  });

/** The same decision, told in sentences about one path. */
function naive(at: string, { wanted, placed, found }: Scene): Action | undefined {
  const [want, ours, there] = [wanted.get(at), placed.get(at), found.get(at)];
  const untouched = there !== undefined && ours !== undefined && holdsBytesOf(there, ours);
  if (want !== undefined) {
    if (there === undefined) return 'put';
    const right = holdsBytesOf(there, want);
    const runsRight = want.type !== 'file' || there.type !== 'file' || want.mode === there.mode;
    if (right) return runsRight ? 'leave' : 'replace';
    return untouched ? 'replace' : 'keep-and-put';
  }
  if (there === undefined || there.type === 'directory' || ours?.type === 'directory') return undefined;
  const room = [...wanted.keys()].some((other) => other !== at && within(at, other));
  if (room) return untouched ? 'replace' : 'keep-and-put';
  return untouched ? 'remove' : 'keep';
}

test('planPlacement() decides every path as one would by hand', () => {
  fc.assert(
    fc.property(scene, (given) => {
      const { actions } = planPlacement(given);
      for (const at of new Set([...given.wanted.keys(), ...given.placed.keys()]))
        expect([at, actions.get(at)]).toEqual([at, naive(at, given)]);
      expect([...actions.keys()].every((at) => given.wanted.has(at) || given.placed.has(at))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('planPlacement() throws nothing away that is not as it was placed', () => {
  fc.assert(
    fc.property(scene, ({ found, placed, wanted, ...rest }) => {
      const { actions } = planPlacement({ found, placed, wanted, ...rest });
      for (const [at, action] of actions) {
        if (action !== 'remove' && action !== 'replace') continue;
        const there = found.get(at)!;
        const known = [placed.get(at), wanted.get(at)].some((one) => one !== undefined && holdsBytesOf(there, one));
        expect([at, known]).toEqual([at, true]);
      }
    }),
    { numRuns: 2000 },
  );
});

test('planPlacement() has nothing to do once its plan is done', () => {
  fc.assert(
    fc.property(listing, (wanted) => {
      const found = new Map([...wanted].map(([at, one]) => [at, asFound(one)]));
      const given = { base: '', wanted, placed: wanted, lent: new Map(), found, beyond: new Map(), dropping: false };
      const { actions, prune } = planPlacement(given);
      expect([...new Set(actions.values())].filter((action) => action !== 'leave')).toEqual([]);
      expect(prune).toEqual([]);
    }),
  );
});

test('planPlacement() prunes deepest first, only what was left, never what is wanted', () => {
  fc.assert(
    fc.property(scene, (given) => {
      const { prune } = planPlacement(given);
      const wanted = directoriesOf(given.wanted.keys());
      const left = new Set([...given.placed.keys()].filter((at) => !given.wanted.has(at)));
      for (const [n, directory] of prune.entries()) {
        expect(wanted.has(directory)).toBe(false);
        expect([...left].some((at) => within(directory, at))).toBe(true);
        expect(prune.slice(n).some((later) => parentOf(later) === directory)).toBe(false);
      }
    }),
  );
});

test('planPlacement() of a slot that is dropped leaves what was edited where it is', () => {
  fc.assert(
    fc.property(scene, (given) => {
      const { actions } = planPlacement({ ...given, wanted: new Map(), dropping: true });
      expect([...actions.values()].every((action) => action === 'remove' || action === 'stay')).toBe(true);
    }),
  );
});

test('planPlacement() writes nothing at all when one write would go through a link of somebody else', () => {
  fc.assert(
    fc.property(scene, path, (given, behind) => {
      const plan = planPlacement({ ...given, beyond: new Map([[behind, 'a']]) });
      const writes = given.wanted.has(behind) && naive(behind, given) !== 'leave';
      expect(plan.refused?.path).toBe(writes ? behind : undefined);
      expect(writes && plan.actions.size > 0).toBe(false);
      // What is behind the link and no longer wanted is not ours to remove.
      expect(plan.actions.has(behind) && !given.wanted.has(behind)).toBe(false);
    }),
  );
});

test('planPlacement() takes what another slot placed for ours', () => {
  const [one, two] = ['x', 'y'].map((sha256): Item => ({ type: 'file', mode: 0o644, size: 1, sha256 }));
  const given = { base: '', placed: new Map(), beyond: new Map(), dropping: false };
  const decide = (lent: ReadonlyMap<string, Item>): Action | undefined =>
    planPlacement({
      ...given,
      wanted: new Map([['a', two!]]),
      found: new Map([['a', asFound(one!)]]),
      lent,
    }).actions.get('a');
  expect(decide(new Map([['a', one!]]))).toBe('replace');
  expect(decide(new Map())).toBe('keep-and-put');
});
