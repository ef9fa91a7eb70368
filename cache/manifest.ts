import { isSha256, sha256Of, type Tree } from './digest.ts';
import { openLines } from './lines.ts';

/**
 * One entry of a directory: a file, a symbolic link (kept as it is, whatever it points at), or an empty directory.
 * `path` is relative with `/` separators; `mode` is 0o644 or 0o755; `size` is in bytes.
 */
export type Entry =
  | {
      readonly type: 'file';
      readonly path: string;
      readonly mode: number;
      readonly size: number;
      readonly sha256: string;
    }
  | { readonly type: 'link'; readonly path: string; readonly to: string }
  | { readonly type: 'directory'; readonly path: string };

/** Orders by code unit, the same in every locale. */
export const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

/** The text a tree's digest is taken over: one JSON array a line, sorted by path. */
export function renderManifest(entries: readonly Entry[]): string {
  const lines = openLines();
  for (const entry of entries.toSorted(byPath)) lines.add(manifestLine(entry));
  return lines.text();
}

/** What a manifest says of one entry. */
export function manifestLine(entry: Entry): string {
  switch (entry.type) {
    case 'file':
      return JSON.stringify(['file', entry.path, entry.mode, entry.size, entry.sha256]);
    case 'link':
      return JSON.stringify(['link', entry.path, entry.to]);
    case 'directory':
      return JSON.stringify(['directory', entry.path]);
  }
}

/** The entries of a manifest's text. Throws a SyntaxError on anything that is not one. */
export const parseManifest = (text: string): readonly Entry[] => [...entriesIn(text)];

/** The same, one after the other: it throws where it comes to what is no manifest. */
export function* entriesIn(text: string): Generator<Entry> {
  let before = '';
  for (let [from, end] = [0, 0]; from < text.length; from = end + 1) {
    end = text.indexOf('\n', from);
    if (end === -1) throw new SyntaxError('The manifest is cut short');
    const entry = parseEntry(text.slice(from, end));
    if (entry.path <= before)
      throw new SyntaxError(`The manifest does not list ${JSON.stringify(entry.path)} once and in order`);
    before = entry.path;
    yield entry;
  }
}

/** An empty segment, `.` or `..`: no directory has such a name in it. */
const escapes = /(?:^|\/)\.{0,2}(?:\/|$)/;

function parseEntry(line: string): Entry {
  const fields: unknown = JSON.parse(line);
  if (Array.isArray(fields)) {
    const [type, path, first, size, sha256, ...rest] = fields as readonly unknown[];
    if (typeof path === 'string' && !escapes.test(path) && rest.length === 0) {
      const isFile = (first === 0o644 || first === 0o755) && Number.isSafeInteger(size);
      if (type === 'file' && isFile && isSha256(sha256))
        return { type, path, mode: first, size: size as number, sha256 };
      if (type === 'link' && typeof first === 'string' && fields.length === 3) return { type, path, to: first };
      if (type === 'directory' && fields.length === 2) return { type, path };
    }
  }
  throw new SyntaxError(`This is no entry of a manifest: ${line.slice(0, 200)}`);
}

/** The digest of the directory these entries describe. */
export const treeOf = (entries: readonly Entry[]): Tree => treeOfManifest(renderManifest(entries));

/** The digest of the directory that a manifest's text describes. */
export const treeOfManifest = (text: string): Tree => `tree:${sha256Of(text)}` as Tree;
