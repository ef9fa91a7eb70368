import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Item } from '../../tasks/tools/site/item.ts';
import type { Want } from '../../tasks/tools/site/wanted.ts';
import { itemsOf, openWants } from '../../tasks/tools/site/wants.ts';

const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
const size = fc.maxSafeNat();
const mode = fc.constantFrom(0o644, 0o755);
const look = fc.record({ size, mtimeMs: fc.double({ min: 0, noNaN: true }), ino: size, runs: fc.boolean() });
const file = fc.record({ type: fc.constant('file' as const), mode, size, sha256: hex });
const item: fc.Arbitrary<Item> = fc.oneof(
  { weight: 4, arbitrary: file },
  { weight: 1, arbitrary: fc.tuple(file, look).map(([one, fingerprint]) => ({ ...one, fingerprint })) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('link' as const), to: fc.string() }) },
  { weight: 1, arbitrary: fc.constant({ type: 'directory' as const }) },
);
const sources = ['a', 'b', 'c'].map((root) => ({ from: 'store', root, at: '', how: 'link' }) as const);
const want: fc.Arbitrary<Want> = fc
  .tuple(item, fc.constantFrom(...sources), fc.option(look, { nil: undefined }))
  .map(([one, source, seen]) => ({ item: one, source, ...(seen && { look: seen }) }));
const path = fc.constantFrom('a', 'a/b', 'c', 'é', 'd/e/f');
const deed = fc.oneof(
  fc.tuple(fc.constant('set' as const), path, want),
  fc.tuple(fc.constant('delete' as const), path, want),
);

test('wants are held as a map holds them', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 40 }), (deeds) => {
      const [wants, map] = [openWants(), new Map<string, Want>()];
      for (const [what, at, wanted] of deeds) {
        if (what === 'set') [wants, map].forEach((each) => each.set(at, wanted));
        else [wants, map].forEach((each) => each.delete(at));
      }
      expect([...wants]).toEqual([...map]);
      expect([wants.size, [...wants.keys()], [...wants.values()]]).toEqual([
        map.size,
        [...map.keys()],
        [...map.values()],
      ]);
      for (const at of ['a', 'nowhere']) expect([wants.has(at), wants.get(at)]).toEqual([map.has(at), map.get(at)]);
      expect([...itemsOf(wants)]).toEqual([...map].map(([at, wanted]) => [at, wanted.item]));
    }),
  );
});

const nth = (n: number): Want => ({
  item: { type: 'file', mode: n % 2 === 0 ? 0o644 : 0o755, size: n, sha256: n.toString(16).padStart(64, '0') },
  source: sources[n % 3]!,
  ...(n % 5 !== 0 && { look: { size: n, mtimeMs: n + 0.25, ino: 2 ** 52 + n, runs: n % 2 !== 0 } }),
});

test('thousands of wants keep what each of them says', () => {
  const wants = openWants();
  for (let n = 0; n < 3_000; n += 1) wants.set(`f${n}`, nth(n));
  for (let n = 0; n < 3_000; n += 1) expect(wants.get(`f${n}`)).toEqual(nth(n));
});
