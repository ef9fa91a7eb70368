import { realpathSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';

import { type Entry, hexOf, renderManifest, sha256Of, type Store } from '#cache';
import type { Part } from '#engine';
import { commitAt, refsAt } from './git-directory.ts';
import type { Fingerprint, Item } from './item.ts';
import { openMerger } from './merge-parts.ts';
import { joined, parentOf } from './path.ts';
import { plainPath, refusedPath } from './plain-path.ts';

/** Where the bytes of something wanted come from. Links and directories have none. */
export type Source =
  /** A tree: `root` is where it is in the store, `at` where it will be in the target. */
  | { readonly from: 'store'; readonly root: string; readonly at: string; readonly how: 'copy' | 'link' }
  | { readonly from: 'text'; readonly text: string }
  /** A whole `.git`: `entries` are counted from its own directory, which is `path`. */
  | { readonly from: 'git'; readonly path: string; readonly entries: readonly Entry[] }
  | { readonly from: 'nothing' };

/** What is wanted at one path, and from where. */
export interface Want {
  readonly item: Item;
  readonly source: Source;
  /** What the file in the store looks like, which a hard link to it is to look like too. */
  readonly look?: Fingerprint;
}

/** All that a slot is to own, by path counted from the target. */
export interface Wanted {
  readonly wants: ReadonlyMap<string, Want>;
  /** Files and links, those in a `.git` too. */
  readonly files: number;
  /** For each pair of parts that want one path to be different things: how often, and where first. */
  readonly overlaps: readonly { readonly count: number; readonly path: string }[];
}

/** The part of the store that placing needs. */
export type Shelves = Pick<Store, 'pathOf' | 'entries' | 'looks' | 'lookedLike'>;

/** Reads what `parts` come to below `base`. `target` is absolute. Where two parts differ the later one wins. */
export async function readWanted(
  { base, parts }: { readonly base: string; readonly parts: readonly Part[] },
  { target, store }: { readonly target: string; readonly store: Shelves },
): Promise<Wanted> {
  const merged = openMerger();
  const root = realPathOf(target);
  for (const [n, part] of parts.entries()) {
    const at = joined(base, plainPath(part.at, 'A part'));
    if ('tree' in part) {
      const source = { from: 'store', root: store.pathOf(part.tree), at, how: part.how } as const;
      const looks = part.how === 'link' ? store.looks(part.tree) : new Map<string, Fingerprint>();
      for (const [path, want] of wantsOf(source, await store.entries(part.tree), looks))
        merged.add(plainPath(joined(at, path), 'A file'), want, n);
    } else if (at === base) throw refusedPath(part.at, 'A single file');
    else merged.add(at, single(part, `${root}/${parentOf(at)}`, store), n);
  }
  return merged.result();
}

/** The wants of one tree, by path within it. Each `.git` in it is one. */
function* wantsOf(
  source: Source & { readonly from: 'store' },
  entries: readonly Entry[],
  looks: ReadonlyMap<string, Fingerprint>,
): Generator<readonly [string, Want]> {
  const gits = new Map<string, Entry[]>();
  for (const entry of entries) {
    const git = gitDirectoryOf(entry.path);
    if (git === undefined) {
      const look = looks.get(entry.path);
      yield [entry.path, { item: entry, source, ...(look && { look }) }];
      continue;
    }
    const inside = gits.get(git) ?? [];
    inside.push({ ...entry, path: entry.path.slice(git.length + 1) });
    gits.set(git, inside);
  }
  for (const [git, inside] of gits) {
    const path = `${source.root}/${git}`;
    const item: Item = {
      type: 'git',
      commit: commitAt(path),
      digest: sha256Of(renderManifest(inside)),
      refs: refsAt(path),
    };
    yield [git, { item, source: { from: 'git', path, entries: inside } }];
  }
}

/** The `.git` directory that a path is in. */
function gitDirectoryOf(path: string): string | undefined {
  if (path.startsWith('.git/')) return '.git';
  const at = path.indexOf('/.git/');
  return at === -1 ? undefined : path.slice(0, at + 5);
}

/** `directory` is where the path will really be: links are counted from there. */
function single(part: Exclude<Part, { tree: unknown }>, directory: string, store: Shelves): Want {
  if ('text' in part) {
    const [size, sha256] = [Buffer.byteLength(part.text), sha256Of(part.text)];
    const mode = ((part.mode ?? 0o644) & 0o100) !== 0 ? 0o755 : 0o644;
    return { item: { type: 'file', mode, size, sha256 }, source: { from: 'text', text: part.text } };
  }
  const source: Source = { from: 'nothing' };
  if ('link' in part) return { item: { type: 'link', to: part.link }, source };
  const blob = store.pathOf(part.blob);
  const to = relative(directory, `${realPathOf(dirname(blob))}/${basename(blob)}`);
  return { item: { type: 'link', to, blob: hexOf(part.blob) }, source };
}

/** Where a directory really is, or will be: links on the way are resolved as far as it exists. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (dirname(path) === path) throw error;
    return `${realPathOf(dirname(path))}/${basename(path)}`;
  }
}
