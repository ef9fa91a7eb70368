import { describe, expect, it } from 'vitest';

import { describe as inWords, Failed } from '#engine';

import { valueOfYaml } from '../../pipelines/documents/yaml.ts';

const failureOf = async (text: string): Promise<string> => {
  const thrown: unknown = await valueOfYaml(text, 'list.yml').then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof Failed) return inWords(thrown.failure).message;
  throw new Error('Nothing failed', { cause: thrown });
};

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('valueOfYaml()', () => {
  it.each([
    ['- a\n- b\n', ['a', 'b']],
    ['models:\n  - name: x\n    size: 12\n', { models: [{ name: 'x', size: 12 }] }],
    ['on: true\noff: false\nnothing: null\nempty:\n', { on: true, off: false, nothing: null, empty: null }],
    ['text # and a comment\n', 'text'],
    ['# nothing\n', null],
    ['base: &base { a: b }\ncopy: *base\n', { base: { a: 'b' }, copy: { a: 'b' } }],
  ])('reads %j', async (text, value) => {
    expect(await valueOfYaml(text, 'list.yml')).toEqual(value);
  });

  it('takes what only looks like a number, a date or a yes as text: versions and commits stay what they are', async () => {
    const commit = '123456781234567812345678123456781234e567';
    expect(await valueOfYaml(`[1.10, ${commit}, 2024-01-01, yes, 0x10, .inf]`, 'list.yml')).toEqual([
      '1.10',
      commit,
      '2024-01-01',
      'yes',
      '0x10',
      '.inf',
    ]);
  });

  const bomb = 'bcdefghi'
    .split('')
    .reduce(
      (text, name, index) => `${text}${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]\n`,
      'a: &a [x,x,x,x,x,x,x,x,x]\n',
    );
  const unfolds = 'Its aliases (`*name`) would unfold without end';

  it.each([
    ['a key twice', 'a: 1\nb: 2\na: 3\n', 'line 3, column 1: The key `a` stands twice in one mapping'],
    ['__proto__', 'x:\n  __proto__: {}\n', 'line 2, column 3: The key `__proto__` is not allowed'],
    ['a tag', 'a: !!python/object:os.system x\n', 'line 1, column 4: Tags (`!name`) are not allowed'],
    ['a list as a key', '? [a]\n: b\n', 'line 1, column 3: Expected keys that are text'],
    ['two documents', 'a\n---\nb\n', 'line 2, column 1: Expected one document, and found another one after `---`'],
    ['a number that is none', `a: ${'9'.repeat(40)}`, 'line 1, column 4: This number is too large: put it in quotes'],
    ['65 levels', deep(65), 'line 1, column 65: Lists and mappings are more than 64 deep'],
    ['many aliases', `a: &a x\nb: [${Array(101).fill('*a').join(',')}]`, `line 2, column 305: ${unfolds}`],
    ['an alias of what it stands in', 'a: &a [b, *a]', `line 1, column 11: ${unfolds}`],
    ['an alias bomb', bomb, unfolds],
    ['more than 1 MB', `a: ${'x'.repeat(1_000_000)}`, 'A YAML document has at most 1 MB'],
    [
      'a tag before anything is built',
      '- a\n'.repeat(20_000) + '!x\n',
      'line 20001, column 1: Tags (`!name`) are not allowed',
    ],
  ])('refuses %s', async (_, text, message) => {
    expect(await failureOf(text)).toBe(`list.yml: ${message}`);
  });

  it.each([
    ['flow', deep(20_000)],
    ['block', `${'- '.repeat(20_000)}x`],
    ['keys', `${'? '.repeat(20_000)}x`],
  ])('refuses what is so deep that its reader gives up (%s)', async (_, text) => {
    expect(await failureOf(text)).toMatch(/^list\.yml: line 1, column \d+: Lists and mappings are more than 64 deep$/);
  });

  // Its reader keeps a note of each of these, and took half a minute over some of them.
  it.each([
    ['marks that mean nothing', ': :\n'],
    ['ends without a beginning', '}'],
    ['empty lines', '\n'],
    ['directives', '%\n'],
    ['elements', '- a\n'],
    ['keys', '? '],
    ['anchors', '- &a x\n'],
  ])('refuses a million %s before it builds anything of them', async (_, unit) => {
    const text = unit.repeat(Math.floor(999_999 / unit.length));
    const message = /^list\.yml: line \d+, column \d+: A YAML document has at most 200000 words and marks$/;
    expect(await failureOf(text)).toMatch(message);
  });

  it('reads a large list', async () => {
    const list = Array.from({ length: 5_000 }, (_, n) => ({
      name: `node-${n}`,
      repo: `https://git.example/owner/${n}`,
    }));
    const text = list.map(({ name, repo }) => `- name: ${name}\n  repo: ${repo}\n`).join('');
    expect(await valueOfYaml(text, 'list.yml')).toEqual(list);
  });

  it('reads 64 levels', async () => {
    expect(JSON.stringify(await valueOfYaml(deep(64), 'list.yml'))).toBe(deep(64));
  });
});
