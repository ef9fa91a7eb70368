import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { parseArguments } from '../../pipelines/cli/arguments.ts';
import { anchorsIn, codesIn, commandsIn, linksIn } from './commands.ts';
import { oldTools } from './old-tools.ts';

const checkout = join(import.meta.dirname, '../..');
const read = (page: string): string => readFileSync(join(checkout, page), 'utf8');

const pages = ['docs/migration.md', 'docs/migration.ru.md'] as const;
const shown = [...pages, 'README.md'].flatMap((page) =>
  commandsIn(read(page)).map((command) => ({ page, ...command })),
);

test('commandsIn() finds what a reader would type', () => {
  const markdown =
    'Say `pipeline status`, or `pipeline why <step>`.\n\n```\nnpx pipeline graph demo | dot\n```\n\n| `pipeline pack "a b"` |';
  expect(commandsIn(markdown).map(({ words }) => words)).toEqual([['status'], ['graph', 'demo'], ['pack', 'a b']]);
});

test.for(shown)('$page: $text', ({ words }) => {
  // A verb alone is one that is talked of.
  const isMentioned = words.length === 1;
  const asked = isMentioned ? [...words, '--help'] : words;
  expect(parseArguments(asked)).toMatchObject({ kind: isMentioned ? 'help' : 'run', verb: words[0] });
});

test('both pages show the same commands in the same order', () => {
  const [english, russian] = pages.map((page) => commandsIn(read(page)).map(({ text }) => text));
  expect(english!.length).toBeGreaterThan(60);
  expect(russian).toEqual(english);
});

test('both pages have the same tables: what stands as code in one stands in the other', () => {
  const [english, russian] = pages.map((page) => codesIn(read(page)));
  expect(russian).toEqual(english);
});

describe.for(pages)('%s names', (page) => {
  const known = new Set(codesIn(read(page)).flatMap((code) => [code, ...code.split(/[\s,:]+/)]));
  test.for(Object.entries(oldTools))('%s', ([, items]) => {
    expect(items.filter((item) => !known.has(item))).toEqual([]);
  });
});

test.for(pages)('the links of %s lead somewhere', (page) => {
  const broken = linksIn(read(page)).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : join('docs', path);
    if (!existsSync(join(checkout, file))) return true;
    return anchor !== undefined && !anchorsIn(read(file)).includes(decodeURIComponent(anchor));
  });
  expect(broken).toEqual([]);
});
