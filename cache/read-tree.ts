import { isUtf8 } from 'node:buffer';
import { type BigIntStats, type Dirent, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import { breathe } from './breathe.ts';
import { diskError } from './disk-error.ts';
import { seenLine } from './fingerprint.ts';
import { type Content, demandSize, hashFile } from './hash-file.ts';
import type { Entry } from './manifest.ts';

/** What a directory held. `directories` are all of them, relative, the root as an empty text; `seen` are lines of a `.seen` file. */
export interface TreeReading {
  readonly entries: readonly Entry[];
  readonly directories: readonly string[];
  readonly seen: readonly string[];
}

/**
 * Reads everything below `root` and changes nothing. Files that are `known`, by path, are only looked at. Refuses what a manifest
 * cannot say: `ENOTSUP`, `EILSEQ`.
 */
export async function readTree(root: string, known?: ReadonlyMap<string, Content>): Promise<TreeReading> {
  const reading: Mutable = { entries: [], directories: [], seen: [] };
  const pending = [''];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    // Looked at before its names are read: a name that comes later then shows as an edit.
    reading.seen.push(seenLine(directory, lstatSync(join(root, directory), { bigint: true })));
    reading.directories.push(directory);
    const found = readdirSync(join(root, directory), { withFileTypes: true });
    if (found.length === 0 && directory !== '') reading.entries.push({ type: 'directory', path: directory });
    for (const item of found) {
      const path = directory === '' ? item.name : `${directory}/${item.name}`;
      if (item.isDirectory()) pending.push(path);
      else await readItem(join(root, path), { path, item, known: known?.get(path) }, reading);
      await breathe();
    }
  }
  return reading;
}

interface Mutable {
  readonly entries: Entry[];
  readonly directories: string[];
  readonly seen: string[];
}

interface Found {
  readonly path: string;
  readonly item: Dirent;
  readonly known: Content | undefined;
}

async function readItem(place: string, { path, item, known }: Found, into: Mutable): Promise<void> {
  refuseStrange(item, place);
  if (item.isSymbolicLink()) {
    into.seen.push(seenLine(path, lstatSync(place, { bigint: true })));
    into.entries.push({ type: 'link', path, to: readLink(place) });
  } else {
    const { sha256, stat } = known ? lookAt(place, known) : await hashFile(place);
    const mode = stat.mode & 0o100n ? 0o755 : 0o644;
    into.seen.push(seenLine(path, stat));
    into.entries.push({ type: 'file', path, mode, size: Number(stat.size), sha256 });
  }
}

function lookAt(place: string, known: Content): { readonly sha256: string; readonly stat: BigIntStats } {
  const stat = lstatSync(place, { bigint: true });
  demandSize(place, Number(stat.size), known);
  return { sha256: known.sha256, stat };
}

/** Throws on what is neither a file, a directory nor a link (`ENOTSUP`), or has a name that is not UTF-8 (`EILSEQ`). */
export function refuseStrange(item: Dirent, place: string): void {
  // Node puts U+FFFD where a name's bytes are not UTF-8; two such names would look alike.
  if (item.name.includes('\uFFFD')) throw diskError('EILSEQ', place, 'a name that is not UTF-8 cannot be stored');
  if (!item.isFile() && !item.isSymbolicLink() && !item.isDirectory())
    throw diskError('ENOTSUP', place, 'only files, directories and links can be stored');
}

function readLink(place: string): string {
  const target = readlinkSync(place, 'buffer');
  if (!isUtf8(target)) throw diskError('EILSEQ', place, 'a link to a name that is not UTF-8 cannot be stored');
  return target.toString();
}
