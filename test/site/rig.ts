import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { type Answer, type Blob, blobOf, type Entry, hexOf, type Look, sha256Of, type Tree, treeOf } from '#cache';
import { openRecipes } from '../../tasks/tools/site/recipes.ts';
import { openSite, type SiteOptions, type TargetSite } from '../../tasks/tools/site/site.ts';

/** What a tree or a target holds: a text, a program, a link, an empty directory. */
export type Content = string | { readonly program: string } | { readonly link: string } | { readonly empty: true };
export type Contents = Readonly<Record<string, Content>>;

/** A store that keeps what it is given, as it is given. */
export interface FakeStore {
  pathOf(digest: Blob | Tree): string;
  entries(tree: Tree): Promise<readonly Entry[]>;
  looks(tree: Tree): ReadonlyMap<string, Look>;
  lookedLike(tree: Tree): string;
  tree(contents: Contents): Tree;
  blob(text: string): Blob;
  /** Puts a tree that was damaged away, and writes it anew. */
  renew(tree: Tree, contents: Contents): void;
}

export function openStore(root: string): FakeStore {
  const manifests = new Map<Tree, readonly Entry[]>();
  const pathOf = (digest: Blob | Tree): string => join(root, hexOf(digest));
  const looks = (tree: Tree): ReadonlyMap<string, Look> =>
    new Map(
      manifests
        .get(tree)!
        .flatMap(({ type, path }) => (type === 'file' ? [[path, lookAt(join(pathOf(tree), path))]] : [])),
    );
  return {
    pathOf,
    entries: async (tree) => manifests.get(tree)!,
    looks,
    lookedLike: (tree) => sha256Of(JSON.stringify([...looks(tree)])),
    tree(contents) {
      const entries = Object.entries(contents).map(([path, content]) => entryOf(path, content));
      const tree = treeOf(entries);
      manifests.set(tree, entries);
      if (existsSync(pathOf(tree))) return tree;
      mkdirSync(pathOf(tree), { recursive: true });
      write(pathOf(tree), contents);
      return tree;
    },
    blob(text) {
      const blob = blobOf(sha256Of(text));
      mkdirSync(root, { recursive: true });
      writeFileSync(pathOf(blob), text);
      return blob;
    },
    renew(tree, contents) {
      rmSync(pathOf(tree), { recursive: true });
      write(pathOf(tree), contents);
    },
  };
}

function lookAt(path: string): Look {
  const { size, mtimeMs, ino, mode } = lstatSync(path);
  return { size, mtimeMs, ino, runs: (mode & 0o100) !== 0 };
}

function entryOf(path: string, content: Content): Entry {
  if (typeof content === 'object' && 'link' in content) return { type: 'link', path, to: content.link };
  if (typeof content === 'object' && 'empty' in content) return { type: 'directory', path };
  const text = typeof content === 'string' ? content : content.program;
  const mode = typeof content === 'string' ? 0o644 : 0o755;
  return { type: 'file', path, mode, size: Buffer.byteLength(text), sha256: sha256Of(text) };
}

/** Writes contents into a directory, over what is there. */
export function write(directory: string, contents: Contents): void {
  for (const [path, content] of Object.entries(contents)) {
    const at = join(directory, path);
    mkdirSync(dirname(at), { recursive: true });
    if (typeof content === 'string') writeFileSync(at, content);
    else if ('program' in content) {
      writeFileSync(at, content.program);
      chmodSync(at, 0o755);
    } else if ('link' in content) symlinkSync(content.link, at);
    else mkdirSync(at, { recursive: true });
  }
}

/** Everything in a directory but our records. Directories are named only when they are empty. */
export function read(directory: string): Contents {
  const contents: Record<string, Content> = {};
  const walk = (below: string): void => {
    const names = readdirSync(join(directory, below)).toSorted();
    if (names.length === 0 && below !== '') contents[below] = { empty: true };
    for (const name of names) {
      const path = below === '' ? name : `${below}/${name}`;
      const stat = lstatSync(join(directory, path));
      if (path === '.pipeline') continue;
      if (stat.isDirectory()) walk(path);
      else if (stat.isSymbolicLink()) contents[path] = { link: readlinkSync(join(directory, path)) };
      else {
        const text = readFileSync(join(directory, path), 'utf8');
        contents[path] = stat.mode & 0o100 ? { program: text } : text;
      }
    }
  };
  if (existsSync(directory)) walk('');
  return contents;
}

/** A target and a store side by side in a directory of their own, gone with `using`. */
export interface Rig extends Disposable {
  readonly root: string;
  readonly target: string;
  readonly store: FakeStore;
  readonly notes: string[];
  /** The target as one run sees it. */
  open(options?: Partial<SiteOptions>): TargetSite;
  /** A whole run: `core` at the top becomes these contents, and nothing else. */
  place(contents: Contents, base?: string, slot?: string): Promise<void>;
}

/** In memory, where a flush costs nothing: for tests that cut short the order of deeds, not the power. */
export const inMemory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A rig in a fresh directory below `parent`. */
export function openRig(parent = tmpdir()): Rig {
  const root = mkdtempSync(join(parent, 'site-'));
  const target = join(root, 'target');
  const store = openStore(join(root, 'store'));
  const notes: string[] = [];
  const open = (options: Partial<SiteOptions> = {}): TargetSite =>
    openSite({
      target,
      store,
      recipes: openRecipes(join(root, 'recipes')),
      note: (level, text) => notes.push(`${level}: ${text}`),
      ...options,
    });
  return {
    root,
    target,
    store,
    notes,
    open,
    async place(contents, base = '', slot = 'core') {
      const site = open();
      await site.recover();
      await site.stage({ slot, base, parts: [{ tree: store.tree(contents), at: '', how: 'copy' }] });
      await site.activate({ version: 'v', lockfile: JSON.stringify(contents) });
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The answer of some task to a question. */
export const answerOf = (key: string): Answer => ({
  key,
  task: 't',
  input: {},
  output: { version: key },
  at: '2026-01-01',
  ms: 1,
});
