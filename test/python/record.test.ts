import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseRecord, renderRecord } from '../../tasks/tools/python/record.ts';

test('parseRecord() reads what other tools write', () => {
  expect(parseRecord('a/b.py,sha256=x_-,3\r\n"a,""b"".txt",,\n\nd-1.dist-info/RECORD,,\n')).toEqual([
    { path: 'a/b.py', hash: 'sha256=x_-', size: 3 },
    { path: 'a,"b".txt' },
    { path: 'd-1.dist-info/RECORD' },
  ]);
});

test.for([',,', 'a,x,y', 'a,b,1,2', '"a,,', 'a"b,,', '"a"b,,'])('%j is no line of a RECORD', (line) => {
  expect(() => parseRecord(line)).toThrow(SyntaxError);
});

test('renderRecord() is read back as it was, sorted by code unit', () => {
  const line = fc.record(
    {
      path: fc.string({ unit: 'grapheme', minLength: 1 }).filter((path) => !/[\r\n]/.test(path)),
      hash: fc.constantFrom('sha256=abc', 'sha512=_-'),
      size: fc.nat(),
    },
    { requiredKeys: ['path'] },
  );
  fc.assert(
    fc.property(fc.uniqueArray(line, { selector: ({ path }) => path }), (lines) => {
      const sorted = lines.toSorted((a, b) => (a.path < b.path ? -1 : 1));
      expect(parseRecord(renderRecord(lines))).toEqual(sorted);
    }),
  );
});
