import type { Item } from './item.ts';
import { isNormal } from './path.ts';

/** How many fields a line of each kind has. */
const widths: Readonly<Record<string, number>> = { f: 7, x: 7, l: 3, b: 4, d: 2, g: 5 };

/** What a slot owns, by path. */
export type Listing = ReadonlyMap<string, Item>;

/**
 * The text of a listing: one line a path, fields divided by tabs, the path last. Made to be read fast: a slot may own
 * 60,000 files, and they are read whenever somebody asks whether they are still there.
 */
export const renderListing = (listing: Iterable<readonly [string, Item]>): string =>
  [...listingPages(listing)].join('');

/** The same in pieces. */
export const listingPages = (listing: Iterable<readonly [string, Item]>): Generator<string> =>
  pagesOf(Iterator.from(listing).map(([path, item]) => `${fieldsOf(item)}\t${escaped(path)}`));

/**
 * Lines in pieces: those of all, one by one, would take several times the memory of their text. What is longer than these the
 * collector keeps apart, and frees late.
 */
export function* pagesOf(all: Iterable<string>): Generator<string> {
  let lines: string[] = [];
  for (const line of all) {
    if (lines.push(`${line}\n`) < 200) continue;
    yield lines.join('');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('');
}

/** The listing that a text holds. Throws a SyntaxError for one that `renderListing` would not write, or that leads outside. */
export function parseListing(text: string): Listing {
  const listing = new Map<string, Item>();
  for (const line of linesIn(text)) {
    const [path, item] = parseLine(line);
    if (!isNormal(path)) throw new SyntaxError(`A listing names ${JSON.stringify(path)}`);
    listing.set(path, item);
  }
  return listing;
}

/** The lines of a listing, one after the other: tens of thousands at once would take as much memory again. */
export function* linesIn(text: string): Generator<string> {
  for (let [from, end] = [0, 0]; from < text.length; from = end + 1) {
    end = text.indexOf('\n', from);
    if (end === -1) end = text.length;
    if (end > from) yield text.slice(from, end);
  }
}

/** The path that a line of a listing is about. */
export const pathOf = (line: string): string => unescaped(line.slice(line.lastIndexOf('\t') + 1));

/** One line of a listing, wherever its path leads. Throws a SyntaxError for one that is none. */
export function parseLine(line: string): readonly [string, Item] {
  const fields = line.split('\t');
  if (fields.length !== widths[line.charAt(0)]) throw new SyntaxError(`A listing has the line ${JSON.stringify(line)}`);
  return [unescaped(fields.at(-1)!), itemOf(fields)];
}

function fieldsOf(item: Item): string {
  switch (item.type) {
    case 'file': {
      const { size, sha256, fingerprint: seen } = item;
      const known = seen === undefined ? '\t\t' : `${seen.mtimeMs}\t${seen.ino}\t${seen.runs ? 'x' : '-'}`;
      return `${item.mode === 0o755 ? 'x' : 'f'}\t${size}\t${sha256}\t${known}`;
    }
    case 'link':
      return item.blob === undefined ? `l\t${escaped(item.to)}` : `b\t${escaped(item.to)}\t${item.blob}`;
    case 'directory':
      return 'd';
    case 'git':
      return `g\t${item.commit}\t${item.digest}\t${escaped(item.refs.join(' '))}`;
  }
}

function itemOf(fields: readonly string[]): Item {
  const [kind = '', one = '', two = '', mtimeMs = '', ino = '', runs] = fields;
  switch (kind) {
    case 'f':
    case 'x': {
      const size = Number(one);
      const seen =
        ino === '' ? {} : { fingerprint: { size, mtimeMs: Number(mtimeMs), ino: Number(ino), runs: runs === 'x' } };
      return { type: 'file', mode: kind === 'x' ? 0o755 : 0o644, size, sha256: two, ...seen };
    }
    case 'l':
      return { type: 'link', to: unescaped(one) };
    case 'b':
      return { type: 'link', to: unescaped(one), blob: two };
    case 'd':
      return { type: 'directory' };
    case 'g':
      return { type: 'git', commit: one, digest: two, refs: mtimeMs === '' ? [] : unescaped(mtimeMs).split(' ') };
    default:
      throw new SyntaxError(`A listing has a line of kind ${JSON.stringify(kind)}`);
  }
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n' };
const escaped = (text: string): string =>
  /[\\\t\n]/.test(text) ? text.replaceAll(/[\\\t\n]/g, (character) => escapes[character]!) : text;

/** A field as it was before it was written. */
export const unescaped = (text: string): string =>
  text.includes('\\')
    ? text.replaceAll(/\\(.)/g, (_, character: string) =>
        character === 't' ? '\t' : character === 'n' ? '\n' : character,
      )
    : text;
