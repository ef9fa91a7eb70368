import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';

import { breathe } from '#cache';
import type { FileItem } from './item.ts';
import { belowBase, parentOf } from './path.ts';
import type { Source, Want } from './wanted.ts';

/** What was laid out, absolute, for whoever makes it durable. Sizes in bytes. */
export interface Laid {
  /** Those with bytes of their own: what shares the store's is durable already. */
  readonly files: { readonly path: string; readonly size: number }[];
  readonly directories: Set<string>;
}

/** Places a stored file that nobody edits. Answers whether it has bytes of its own now. */
export type Link = (from: string, to: string) => boolean;

/** From this size on a copy is left to a thread, so that downloads and heartbeats go on meanwhile. */
const large = 8 * 1024 * 1024;

/** Lays wants out below `into` (a path in an existing directory), each at its path. */
export async function materialise(wants: Iterable<readonly [string, Want]>, into: string, link: Link): Promise<Laid> {
  const laid: Laid = { files: [], directories: new Set([parentOf(into)]) };
  let turns = 0;
  for (const [path, { item, source }] of singly(wants)) {
    if ((turns += 1) % 100 === 0) await breathe();
    const to = `${into}/${path}`;
    makeDirectory(item.type === 'directory' ? to : parentOf(to), laid);
    if (item.type === 'link') symlinkSync(item.to, to);
    if (item.type !== 'file') continue;
    const written = write(item, source, { path, to, link });
    if (written instanceof Promise ? await written : written) laid.files.push({ path: to, size: item.size });
  }
  return laid;
}

/** Takes each `.git` apart. Its files are copied: git appends to some of them in place. */
function* singly(wants: Iterable<readonly [string, Want]>): Generator<readonly [string, Want]> {
  for (const [at, want] of wants) {
    const { source } = want;
    if (source.from !== 'git') yield [at, want];
    else
      for (const entry of source.entries)
        yield [`${at}/${entry.path}`, { item: entry, source: { from: 'store', root: source.path, at, how: 'copy' } }];
  }
}

/** Writes one file, and answers whether it has bytes of its own. */
function write(
  { size, mode }: FileItem,
  source: Source,
  { path, to, link }: { readonly path: string; readonly to: string; readonly link: Link },
): boolean | Promise<boolean> {
  const from = source.from === 'store' ? `${source.root}/${belowBase(source.at, path)}` : '';
  if (source.from === 'text') writeFileSync(to, source.text);
  // An empty file shared by all would soon have as many links as a volume allows.
  else if (size === 0) writeFileSync(to, '');
  else if (source.from === 'store' && source.how === 'link') return link(from, to);
  else if (size >= large) return copyFile(from, to).then(() => (chmodSync(to, mode), true));
  else copyFileSync(from, to);
  chmodSync(to, mode);
  return true;
}

/** Makes a directory, and its parents up to where everything is laid out. */
function makeDirectory(path: string, laid: Laid): void {
  if (laid.directories.has(path)) return;
  makeDirectory(parentOf(path), laid);
  mkdirSync(path);
  laid.directories.add(path);
}
