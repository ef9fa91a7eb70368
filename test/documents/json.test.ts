import { lstatSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { readJson, writeJson, writeText } from '../../pipelines/documents/json.ts';
import { parseJson } from '../../pipelines/documents/parse-json.ts';
import { failureOf, pathsBelow, project } from './project.ts';

const read = (content: string | Buffer): unknown => {
  const file = join(project(), 'x.json');
  writeFileSync(file, content);
  return readJson(file, 'x.json');
};
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

test.each<[title: string, text: string, value: unknown]>([
  [
    'every kind of value',
    '{"a":[1,-2.5e3,"x\\n\\u00e9",true,false,null,{}]}',
    { a: [1, -2500, 'x\né', true, false, null, {}] },
  ],
  ['a byte order mark', '\ufeff{"a": 1}', { a: 1 }],
  ['a carriage return at the end of lines', '{\r\n"a": 1\r\n}\r\n', { a: 1 }],
  ['a key that looks like one inside a string', '{"a": "\\"b\\": 1", "b": ": {"}', { a: '"b": 1', b: ': {' }],
  ['one key in two objects', '[{"a": 1}, {"a": 2}]', [{ a: 1 }, { a: 2 }]],
  ['64 levels', nested(64), JSON.parse(nested(64))],
  ['a scalar', ' 5 ', 5],
])('readJson() reads %s', (_, text, value) => {
  expect(read(text)).toEqual(value);
});

test.each([
  ['{"a": 1,}', 'line 1, column 9: Expected a key in double quotes'],
  ['{\n  "a" 1}', 'line 2, column 7: Expected `:` after a key'],
  ['{"a": 1 "b": 2}', 'line 1, column 9: Expected `,` or `}`'],
  ['{\r\n  "é": tru\r\n}', 'line 2, column 8: Expected a value'],
  ['[1, 2', 'line 1, column 6: The text ends too early: Expected `,` or `]`'],
  ['[1,]', 'line 1, column 4: Expected a value'],
  ['', 'line 1, column 1: The text ends too early: Expected a value'],
  ['{} {}', 'line 1, column 4: Expected nothing after the value'],
  ["{'a': 1}", 'line 1, column 2: Expected a key in double quotes'],
  ['[01]', 'line 1, column 3: Expected `,` or `]`'],
  ['[NaN]', 'line 1, column 2: Expected a value'],
  ['["a\nb"]', 'line 1, column 2: Expected a string that ends on its line and escapes `\\` and control characters'],
  ['["\\x"]', 'line 1, column 2: Expected a string that ends on its line and escapes `\\` and control characters'],
  ['// hello\n{}', 'line 1, column 1: Expected a value'],
  ['{"a": 1,\n "a": 2}', 'line 2, column 2: The key `a` stands twice in one object'],
  ['{"a": {"b": 1, "\\u0062": 2}}', 'line 1, column 16: The key `b` stands twice in one object'],
  ['{"__proto__": {}}', 'line 1, column 2: The key `__proto__` is not allowed'],
  ['[{"constructor": 1}]', 'line 1, column 3: The key `constructor` is not allowed'],
  [nested(65), 'line 1, column 65: Objects and lists are more than 64 deep'],
  [nested(200_000), 'line 1, column 65: Objects and lists are more than 64 deep'],
  ['{\n<<<<<<< ours\n"a": 1\n=======\n', 'line 2, column 1: This is a merge conflict of git: resolve it first'],
  ['{"a": [1,\n>>>>>>> theirs\n]}', 'line 2, column 1: This is a merge conflict of git: resolve it first'],
])('readJson() of %j says %s', (text, message) => {
  expect(failureOf(() => read(text))).toBe(`x.json: ${message}`);
});

test('readJson() reads a string of nine million escapes', () => {
  expect(read(`["${'\\n'.repeat(4_500_000)}"]`)).toEqual(['\n'.repeat(4_500_000)]);
});

test.each([
  ['more than 10 MB', Buffer.alloc(10 * 1024 * 1024 + 1, ' '), 'A document has at most 10 MB, this one has 11 MB'],
  ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'Expected UTF-8 text'],
  ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), 'Expected UTF-8 text'],
])('readJson() refuses %s', (_, content, message) => {
  expect(failureOf(() => read(content))).toBe(`x.json: ${message}`);
});

test('readJson() says what is not there, and what is no file', () => {
  const root = project();
  expect(failureOf(() => readJson(join(root, 'x.json'), 'x.json'))).toBe('x.json does not exist');
  expect(failureOf(() => readJson(root, 'x.json'))).toBe('x.json: Expected a file');
});

test('parseJson() reads what JSON.parse() reads, whatever the spacing', () => {
  const spaces = fc.constantFrom('', ' ', '\n\t', '\r\n');
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), spaces, (value, space) => {
      const text = space + JSON.stringify(value, null, space) + space;
      fc.pre(!/"(?:__proto__|constructor|prototype)"/.test(text));
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('parseJson() refuses what JSON.parse() refuses', () => {
  const texts = fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"b"', '1', '-', 'null', ' ', '"'), {
    maxLength: 9,
  });
  fc.assert(
    fc.property(texts, (parts) => {
      const text = parts.join('');
      const outcome = (parse: (text: string) => unknown): string => {
        try {
          return JSON.stringify(parse(text));
        } catch {
          return 'refused';
        }
      };
      const ours = outcome(parseJson);
      // A key that stands twice is refused only here.
      if (ours === 'refused' && /"a".*"a"|"b".*"b"/.test(text)) return;
      expect(ours).toBe(outcome(JSON.parse));
    }),
    { numRuns: 5000 },
  );
});

test('writeJson() makes the directories, and leaves one file with a line feed at its end', () => {
  const root = project();
  writeJson(join(root, 'a/b/x.json'), { b: [1], a: 'é' });
  expect(readFileSync(join(root, 'a/b/x.json'), 'utf8')).toBe('{\n  "b": [\n    1\n  ],\n  "a": "é"\n}\n');
  expect(pathsBelow(root)).toEqual(['a', 'a/b', 'a/b/x.json']);
});

test('writeText() replaces the file a symbolic link points at', () => {
  const root = project({ 'real/x.json': 'old' });
  symlinkSync('real/x.json', join(root, 'x.json'));
  writeText(join(root, 'x.json'), 'new');
  expect(lstatSync(join(root, 'x.json')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(root, 'real/x.json'), 'utf8')).toBe('new');
});

test('writeText() that fails leaves the old file and nothing else', () => {
  const root = project({ 'x.json/kept': 'old' });
  mkdirSync(join(root, 'other'));
  expect(() => writeText(join(root, 'x.json'), 'new')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(root).toSorted()).toEqual(['other', 'x.json']);
});
