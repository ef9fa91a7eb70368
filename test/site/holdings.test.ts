import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Change } from '../../tasks/tools/site/draft.ts';
import { type Holding, refuseClashes } from '../../tasks/tools/site/holdings.ts';
import type { Item } from '../../tasks/tools/site/item.ts';
import { directoriesOf, within } from '../../tasks/tools/site/path.ts';

/** What a slot owns, and whether it puts all of that, or only what `isPut` says of a path. */
interface Slot {
  readonly items: ReadonlyMap<string, Item>;
  readonly isPut: (path: string) => boolean;
}

const itemOf = (text: string): Item => (text === 'd' ? { type: 'directory' } : { type: 'link', to: text });

/** Paths of three short names, so that they meet; many slots own a hundred more that nobody else has. */
const slots = fc.array(
  fc.record({
    items: fc.dictionary(
      fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 }).map((names) => names.join('/')),
      fc.constantFrom('x', 'y', 'd'),
    ),
    more: fc.boolean(),
    putsAll: fc.boolean(),
  }),
  { minLength: 2, maxLength: 3 },
);

const changeOf = ({ items, isPut }: Slot): Change => ({
  head: { slot: '', base: '', digest: '', files: 0, lines: items.size },
  base: '',
  final: items,
  put: [...items.keys()].filter(isPut),
  name: '',
  settle: async () => {},
  over: [],
  stays: [],
  removals: [],
  prune: [],
});

const holdingOf = ([slot, { items }]: readonly [string, Slot]): Holding => ({
  slot,
  base: '',
  items: () => items,
  parents: () => directoriesOf(items.keys()),
});

/** The same by comparing everything that is put with everything that is owned. */
function expected(all: readonly (readonly [string, Slot])[]): ReadonlySet<string> | 'refused' {
  const shared = new Set<string>();
  for (const [one, { items, isPut }] of all)
    for (const [other, theirs] of all)
      for (const [path, item] of items)
        for (const [there, same] of theirs.items) {
          if (one === other || !isPut(path)) continue;
          const isEqual =
            path === there && item.type === same.type && (item.type !== 'link' || item.to === (same as typeof item).to);
          const above = within(path, there) ? item : within(there, path) ? same : undefined;
          if (above !== undefined && !isEqual && (path === there || above.type !== 'directory')) return 'refused';
          if (isEqual) shared.add(one).add(other);
        }
  return shared;
}

test('two slots clash, or share something, exactly when comparing all with all says so', () => {
  fc.assert(
    fc.property(slots, (drawn) => {
      const all = drawn.map(({ items, more, putsAll }, n) => {
        const others = more ? Array.from({ length: 100 }, (_, k) => [`slot ${n}/${k}`, 'x'] as const) : [];
        const owned = new Map([...Object.entries(items), ...others].map(([path, text]) => [path, itemOf(text)]));
        return [`${n}`, { items: owned, isPut: (path: string) => putsAll || path.length % 4 === 1 }] as const;
      });
      const changes = new Map(all.map(([name, slot]) => [name, changeOf(slot)]));
      let found: ReadonlySet<string> | 'refused' = 'refused';
      try {
        found = refuseClashes(changes, all.map(holdingOf));
      } catch {
        // It is to be refused, or else what is expected is something else.
      }
      const wanted = expected(all);
      expect(found === 'refused' ? found : [...found].toSorted()).toEqual(
        wanted === 'refused' ? wanted : [...wanted].toSorted(),
      );
    }),
    { numRuns: 2000, seed: 5 },
  );
});
