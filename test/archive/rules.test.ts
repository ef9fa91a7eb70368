import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { type Fault, limitsOf, type Member } from '../../tasks/tools/archive/member.ts';
import { nameFault, shown } from '../../tasks/tools/archive/names.ts';
import { findFault } from '../../tasks/tools/archive/rules.ts';

const member = (name: string, more: Partial<Member> = {}): Member => ({
  name,
  isDirectory: name.endsWith('/'),
  isHardlink: false,
  isEncrypted: false,
  mode: 0,
  method: 8,
  size: 0,
  packedSize: 0,
  crc32: 0,
  ...more,
});

const faultOf = (names: readonly string[]): Fault | undefined =>
  findFault(
    names.map((name) => member(name)),
    limitsOf.node,
  );

test.each([
  '',
  '/',
  '/etc/passwd',
  '//host/x',
  '../x',
  'a/../../x',
  'a/..',
  './x',
  'a/./x',
  'a//x',
  'a//',
  'C:/x',
  'c:x',
  'n:ads',
  'a\\b',
  '\\\\host\\x',
  'a\0b',
  'a\nb',
  'a\rb',
  'a\u001bb',
  'a\u007fb',
  'a\u009bb',
  'a\u2028b',
  'a\ufffdb',
  'a\ud800b',
  '.git/config',
  'a/.git',
  '.GIT/config',
  '.giT/x',
  '.g\u0131t/x',
  'git~1/config',
  'GIT~12/x',
  '.git /config',
  '.git./config',
  '.git. . /config',
  '.git::$INDEX_ALLOCATION/config',
  '.g\u200cit/config',
  '\ufeff.git/config',
  '.tracking',
  'pack/.Tracking',
  '.pipeline/receipts/x',
  'a/.pipeline./x',
  'x'.repeat(256),
  'ä'.repeat(128),
  `${'a/'.repeat(64)}x`,
  `${'x'.repeat(200)}/`.repeat(6),
])('the name %j is refused', (name) => {
  expect(nameFault(name, limitsOf.node)).toBeDefined();
  expect(faultOf(['fine', name, 'later'])).toMatchObject({ name });
});

test.each([
  'a',
  'a/b/',
  '.gitignore',
  '.gitattributes',
  '.github/workflows/x.yml',
  'git/x',
  'x.git/y',
  'a..b/..c/d..',
  '.tracking.md',
  'größe/日本語/emoji-🎨.py',
  'a b (1).txt',
  '-rf',
  `${'a/'.repeat(63)}x`,
  'x'.repeat(255),
])('the name %j is fine', (name) => {
  expect(nameFault(name, limitsOf.node)).toBeUndefined();
  expect(faultOf([name])).toBeUndefined();
});

test('a wheel may hold what a submodule leaves behind, a file `.git`, and nothing else of the kind', () => {
  const { wheel } = limitsOf;
  expect(nameFault('slangpy/data/.git', wheel)).toBeUndefined();
  for (const name of ['a/.git/', 'a/.git/config', '.GIT', 'git~1']) expect(nameFault(name, wheel)).toBeDefined();
});

test.each([
  [['a', 'a']],
  [['a/', 'a/']],
  [['a', 'a/']],
  [['a/', 'a/b', 'a/']],
  [['a', 'a/b']],
  [['a/b', 'a']],
  [['a/b/c', 'a/b']],
  [['A.txt', 'a.txt']],
  [['A/x', 'a/y']],
  [['A/', 'a/x']],
  [['A', 'a/x']],
  [['caf\u00e9', 'cafe\u0301']],
  [['CAFE\u0301', 'caf\u00e9']],
  [['stra\u00dfe', 'STRASSE']],
  [['\u1e9e', '\u00df']],
  [['\u212a', 'k']],
  [['\u03c3', '\u03c2']],
  [['I', '\u0131']],
  [['HEAD', 'objects/x', 'refs/heads/main']],
  [['deep/Head', 'deep/OBJECTS/', 'deep/refs/']],
])('%j are refused together, and each is fine alone', (names) => {
  for (const name of names) expect(faultOf([name])).toBeUndefined();
  expect(faultOf(names)).toBeDefined();
  expect(faultOf(names.toReversed())).toBeDefined();
});

test('a directory may be named, implied, or both', () => {
  expect(faultOf(['a/', 'a/b', 'a/c/d'])).toBeUndefined();
  expect(faultOf(['a/b', 'a/', 'a/c/', 'a/c/d'])).toBeUndefined();
  expect(faultOf(['HEAD', 'objects/x', 'reference/x'])).toBeUndefined();
});

const mib = 1024 ** 2;

const faultOfBig = (more: Partial<Member>, kind: 'node' | 'wheel' = 'node'): Fault | undefined =>
  findFault([member('fine'), member('big', more)], limitsOf[kind]);

test('sizes and ratios have limits, and CUDA wheels have room', () => {
  expect(faultOfBig({ size: 1024 * mib, packedSize: 500 * mib })).toBeUndefined();
  expect(faultOfBig({ size: 1024 * mib + 1, packedSize: 500 * mib })).toMatchObject({ name: 'big' });
  expect(faultOfBig({ size: 3000 * mib, packedSize: 500 * mib }, 'wheel')).toBeUndefined();
  expect(faultOfBig({ size: 10 * mib, packedSize: 1 })).toBeUndefined();
  expect(faultOfBig({ size: 10 * mib + 1, packedSize: 50_000 })).toMatchObject({
    because: expect.stringContaining('200 times'),
  });
  expect(faultOfBig({ size: 20 * mib, packedSize: mib / 10 })).toBeUndefined();
});

test('what is a bomb in many small parts is a bomb', () => {
  const part = { size: 9 * mib, packedSize: 1000 };
  expect(findFault([member('a', part)], limitsOf.node)).toBeUndefined();
  expect(findFault([member('a', part), member('b', part)], limitsOf.node)).toMatchObject({ name: 'b' });
  const third = { size: 700 * mib, packedSize: 300 * mib };
  const all = ['a', 'b', 'c'].map((name) => member(name, third));
  expect(findFault(all.slice(1), limitsOf.node)).toBeUndefined();
  expect(findFault(all, limitsOf.node)).toMatchObject({ name: 'c', because: expect.stringContaining('bytes') });
});

test('entries have a number, directories that nobody named included', () => {
  const limits = { ...limitsOf.node, members: 6 };
  const flat = Array.from({ length: 7 }, (_, index) => member(`f${index}`));
  expect(findFault(flat.slice(1), limits)).toBeUndefined();
  expect(findFault(flat, limits)).toMatchObject({ name: 'f6' });
  expect(findFault([member('a/b/c/d/e/f')], limits)).toBeUndefined();
  expect(findFault([member('a/b/c/d/e/f/g')], limits)).toMatchObject({ name: 'a/b/c/d/e/f/g' });
  expect(limitsOf.node.members).toBe(50_000);
});

/** Path pieces that are harmless, and such that are not. */
const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.constantFrom('..', '.', '', '.git', 'GIT~1', 'a', 'A', 'b', 'É', 'e\u0301', 'é', '\\', 'c:', '.tracking', '\0'),
);
const path = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('/'));

test('property: whatever is let through lands below its place, each path once on every file system', () => {
  fc.assert(
    fc.property(fc.array(path, { maxLength: 8 }), (names) => {
      if (faultOf(names) !== undefined) return;
      const kinds = new Map<string, string>();
      for (const name of names) {
        const segments = (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
        expect(segments.some((segment) => ['', '.', '..'].includes(segment))).toBe(false);
        expect(new URL(`file:///into/${segments.map(encodeURIComponent).join('/')}`).pathname).toMatch(/^\/into\/./);
        const key = segments.join('/').normalize('NFC').toLowerCase();
        expect(kinds.get(key)).toBeUndefined();
        kinds.set(key, name.endsWith('/') ? 'directory' : 'file');
        for (let depth = 1; depth < segments.length; depth++)
          expect(kinds.get(segments.slice(0, depth).join('/').normalize('NFC').toLowerCase())).not.toBe('file');
      }
    }),
    { numRuns: 2_000 },
  );
});

test('property: one bad name is enough, wherever it stands', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.constantFrom('../x', '/x', 'a\\b', '.git/x', 'a\nb', 'c:/x'), (position, bad) => {
      const names = Array.from({ length: 20 }, (_, index) => `file-${index}`);
      expect(faultOf(names.toSpliced(position, 0, bad))).toMatchObject({ name: bad });
    }),
  );
});

test('a name that is shown moves no cursor and breaks no line', () => {
  expect(shown('a\u001b[2Jb\nc\u202ed')).toBe('a\\u{1b}[2Jb\\u{a}c\\u{202e}d');
  expect(shown('x'.repeat(500))).toHaveLength(200);
});
