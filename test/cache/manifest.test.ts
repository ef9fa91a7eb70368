import { type Entry, parseManifest, renderManifest, sha256Of, treeOf } from '#cache';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

const segment = fc
  .string({ minLength: 1, maxLength: 12, unit: 'binary' })
  .filter((text) => !text.includes('/') && !/^\.{1,2}$/.test(text));
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
const sha256 = fc.string().map(sha256Of);
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    type: fc.constant('file' as const),
    path,
    mode: fc.constantFrom(0o644, 0o755),
    size: fc.maxSafeNat(),
    sha256,
  }),
  fc.record({ type: fc.constant('link' as const), path, to: fc.string({ unit: 'binary' }) }),
  fc.record({ type: fc.constant('directory' as const), path }),
);
const entries = fc.uniqueArray(entry, { selector: (one) => one.path });
const shuffled = entries.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
);

test('parseManifest() gives back what renderManifest() was given, in the order of code units', () => {
  fc.assert(
    fc.property(entries, (list) => {
      const parsed = parseManifest(renderManifest(list));
      expect(parsed).toEqual(list.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
      expect(renderManifest(parsed)).toBe(renderManifest(list));
    }),
  );
});

test('treeOf() does not depend on the order of entries', () => {
  fc.assert(
    fc.property(shuffled, ([list, other]) => {
      expect(treeOf(other)).toBe(treeOf(list));
    }),
  );
});

test('treeOf() depends on every entry', () => {
  fc.assert(
    fc.property(entries, fc.nat(), (list, index) => {
      fc.pre(list.length > 0);
      expect(treeOf(list.toSpliced(index % list.length, 1))).not.toBe(treeOf(list));
    }),
  );
});

test('a manifest that is cut within a line is refused', () => {
  fc.assert(
    fc.property(entries, fc.nat(), (list, at) => {
      const text = renderManifest(list);
      const cut = text.slice(0, at % (text.length + 1));
      fc.pre(cut !== '' && !cut.endsWith('\n'));
      expect(() => parseManifest(cut)).toThrow(SyntaxError);
    }),
  );
});

const hex = sha256Of('');

test.each([
  ['no JSON', 'file\n'],
  ['no list', '{}\n'],
  ['an empty list', '[]\n'],
  ['an unknown type', '["socket","a"]\n'],
  ['a mode that is not normal', `["file","a",384,1,"${hex}"]\n`],
  ['a size that is none', `["file","a",420,1.5,"${hex}"]\n`],
  ['a hash that is none', `["file","a",420,1,"${hex.slice(1)}"]\n`],
  ['a field too many', `["file","a",420,1,"${hex}",1]\n`],
  ['a link to nothing', '["link","a"]\n'],
  ['a directory with a target', '["directory","a","b"]\n'],
  ['a path twice', '["directory","a"]\n["directory","a"]\n'],
  ['paths out of order', '["directory","b"]\n["directory","a"]\n'],
  ['an absolute path', '["directory","/etc"]\n'],
  ['a path that climbs', '["directory","a/../../b"]\n'],
  ['a path that ends in a climb', '["directory","a/.."]\n'],
  ['an empty path', '["directory",""]\n'],
  ['a doubled slash', '["directory","a//b"]\n'],
])('parseManifest() refuses %s', (_, text) => {
  expect(() => parseManifest(text)).toThrow(SyntaxError);
});
