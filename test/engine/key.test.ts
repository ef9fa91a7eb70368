import fc from 'fast-check';
import { expect, test } from 'vitest';

import { canonical, keyOf } from '#engine';

const json = fc.jsonValue({ noUnicodeString: false });

test('canonical() does not depend on the order of fields', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), json), (record) => {
      const reversed = Object.fromEntries(Object.entries(record).toReversed());
      expect(canonical(reversed)).toBe(canonical(record));
    }),
  );
});

test('canonical() writes JSON that reads back as the same value', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(canonical(JSON.parse(canonical(value)))).toBe(canonical(value));
    }),
  );
});

test('canonical() tells different values apart', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(canonical(a) === canonical(b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
    }),
  );
});

test.each([
  ['a date', new Date(0)],
  ['a map', new Map()],
  ['a bigint', 1n],
  ['not a number', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['a function', () => 1],
  ['undefined in a list', [undefined]],
  ['a class instance', new URL('file:///')],
])('canonical() refuses %s instead of losing it', (_, value) => {
  expect(() => canonical({ deep: [value] })).toThrow(TypeError);
});

test('keyOf() changes with the name, the revision and the question, and with nothing else', () => {
  const keys = [
    keyOf({ name: 'a', revision: 1 }, { x: 1 }),
    keyOf({ name: 'b', revision: 1 }, { x: 1 }),
    keyOf({ name: 'a', revision: 2 }, { x: 1 }),
    keyOf({ name: 'a', revision: 1 }, { x: 2 }),
  ];
  expect(new Set(keys).size).toBe(4);
  expect(keyOf({ name: 'a', revision: 1 }, { x: 1, y: undefined })).toBe(keys[0]);
});

/** The same value with fields in code unit order, by other means than canonical()'s. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { fields: fields.map(([name, field]) => [name, sorted(field)]) };
}
