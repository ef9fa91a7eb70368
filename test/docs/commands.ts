/** A command of ours as a page shows it: its words, `pipeline` aside, and the text it stands as. */
export interface Shown {
  readonly text: string;
  readonly words: readonly string[];
}

/** Every command of ours in a Markdown page, in the page's order: in blocks and in the running text. Those with placeholders (`<id>`, `...`) are none. */
export const commandsIn = (markdown: string): readonly Shown[] =>
  codesIn(markdown)
    .map((code) => code.replace(/^(?:npm ci && )?npx (?=pipeline )/, '').replace(/ (?:\||>>?|&&) .*$/, ''))
    .filter((text) => text.startsWith('pipeline ') && !/<|\.\.\./.test(text))
    .map((text) => ({ text, words: wordsOf(text).slice(1) }));

/** What stands as code in a page: each line of a block, each span of the text. A bar in a table is written `\|`. */
export function codesIn(markdown: string): readonly string[] {
  const parts = markdown.split(/^```.*$/m);
  return parts.flatMap((part, n) =>
    n % 2 === 1
      ? part.split('\n').filter(Boolean)
      : [...part.matchAll(/`([^`]+)`/g)].map(([, code]) => code!.replaceAll(String.raw`\|`, '|')),
  );
}

/** Where a page leads: paths and anchors of its own or of other files of the project. */
export const linksIn = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/\]\((?!https?:|mailto:)([^)]+)\)/g)].map(([, to]) => to!);

/** The anchors of a page, as its readers make them of headings. */
export const anchorsIn = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );

const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, plain]) => (single ?? double ?? plain)!);
