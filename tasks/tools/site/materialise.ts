import { chmodSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';

import { breathe } from '#cache';
import { copySmall, isPlain, isSmall } from './copy-small.ts';
import type { FileItem, Fingerprint } from './item.ts';
import { fingerprintOf } from './look.ts';
import { openErrands } from './errands.ts';
import { belowBase, parentOf } from './path.ts';
import type { Want } from './wanted.ts';

/** What was laid out, absolute, for whoever makes it durable. Sizes in bytes. */
export interface Laid {
  /** Those with bytes of their own: what shares the store's is durable already. */
  readonly files: { readonly path: string; readonly size: number }[];
  readonly directories: Set<string>;
  /** What files look like, by the path they are for; of others their wants tell it. A rename changes nothing of that. */
  readonly fingerprints: Map<string, Fingerprint>;
}

/** Places a stored file that nobody edits. Answers whether it has bytes of its own now. */
export type Link = (from: string, to: string) => boolean;

/** Copies under way. More than there are threads for them: their ends are only heard between two portions of other work. */
const mostCopies = 256;

/** Lays wants out below `into` (a path in an existing directory), each at its path. What is copied is copied beside the rest. */
export async function materialise(wants: Iterable<readonly [string, Want]>, into: string, link: Link): Promise<Laid> {
  const laid: Laid = { files: [], directories: new Set([parentOf(into)]), fingerprints: new Map() };
  const copies = openErrands(mostCopies);
  const written = (path: string, item: FileItem): void => {
    const to = `${into}/${path}`;
    laid.fingerprints.set(path, withMode(to, item.mode));
    laid.files.push({ path: to, size: item.size });
  };
  let turns = 0;
  let copiesSmall: boolean | undefined;
  try {
    for (const [path, { item, source, look }] of singly(wants)) {
      if ((turns += 1) % 100 === 0) await breathe();
      const to = `${into}/${path}`;
      makeDirectory(item.type === 'directory' ? to : parentOf(to), laid);
      if (item.type === 'link') symlinkSync(item.to, to);
      if (item.type !== 'file') continue;
      const from = source.from === 'store' ? `${source.root}/${belowBase(source.at, path)}` : undefined;
      // An empty file shared by all would soon have as many links as a volume allows.
      if (from === undefined || item.size === 0) {
        writeFileSync(to, source.from === 'text' ? source.text : '');
        written(path, item);
      } else if (source.from === 'store' && source.how === 'link') {
        if (link(from, to)) written(path, item);
        // A second name looks like the first, which was found to be true a moment ago.
        else if (look === undefined) laid.fingerprints.set(path, fingerprintOf(lstatSync(to)));
      } else if (isSmall(item.size) && (copiesSmall ??= isPlain(parentOf(into)))) {
        copySmall(from, to, item);
        written(path, item);
      } else await copies.begin(async () => copyFile(from, to).then(() => written(path, item)));
    }
  } finally {
    await copies.end();
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

/** Gives a file its mode, and answers what it looks like then. A copy mostly has it from the store. */
export function withMode(at: string, mode: number): Fingerprint {
  const stat = lstatSync(at);
  if ((stat.mode & 0o777) === mode) return fingerprintOf(stat);
  chmodSync(at, mode);
  return fingerprintOf(lstatSync(at));
}

/** Makes a directory, and its parents up to where everything is laid out. */
export function makeDirectory(path: string, laid: Pick<Laid, 'directories'>): void {
  if (laid.directories.has(path)) return;
  makeDirectory(parentOf(path), laid);
  mkdirSync(path);
  laid.directories.add(path);
}
