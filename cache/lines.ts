/** A text of lines in the making. */
export interface Lines {
  /** Adds one, which has no end of its own. */
  add(line: string): void;
  /** How many there are. */
  count(): number;
  /** All of them, each with its end. */
  text(): string;
}

/** So many lines are kept one by one: of all they would take several times the memory of their text. */
const pageLines = 1_000;

/** A text that has no line yet. */
export function openLines(): Lines {
  const pages: string[] = [];
  let page: string[] = [];
  return {
    add(line) {
      if (page.push(`${line}\n`) < pageLines) return;
      pages.push(page.join(''));
      page = [];
    },
    count: () => pages.length * pageLines + page.length,
    text: () => [...pages, ...page].join(''),
  };
}
