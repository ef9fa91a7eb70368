import { isUtf8 } from 'node:buffer';
import { type BigIntStats, type Dirent, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import { breathe } from './breathe.ts';
import { diskError } from './disk-error.ts';
import { renderSeen, seenLine } from './fingerprint.ts';
import { type Content, demandSize, hashFile } from './hash-file.ts';
import { type Lines, openLines } from './lines.ts';
import { byPath, manifestLine } from './manifest.ts';

/** What a directory held. `directories` are all of them, relative, the root as an empty text. */
export interface TreeReading {
  /** The text of its manifest. */
  readonly manifest: string;
  readonly directories: readonly string[];
  /** The text of a `.seen` file. */
  readonly seen: string;
}

/**
 * Reads everything below `root` and changes nothing. Files that are `known`, by path, are only looked at. Refuses what a manifest
 * cannot say: `ENOTSUP`, `EILSEQ`.
 */
export async function readTree(root: string, known?: Known): Promise<TreeReading> {
  const reading: Reading = { root, known, manifest: openLines(), directories: [], seen: openLines() };
  await readDirectory('', reading);
  const { manifest, directories, seen } = reading;
  return { manifest: manifest.text(), directories, seen: renderSeen(seen) };
}

type Known = ReadonlyMap<string, Content>;

interface Reading {
  readonly root: string;
  readonly known: Known | undefined;
  readonly manifest: Lines;
  readonly directories: string[];
  readonly seen: Lines;
}

async function readDirectory(directory: string, into: Reading): Promise<void> {
  const place = join(into.root, directory);
  // Looked at before its names are read: a name that comes later then shows as an edit.
  into.seen.add(seenLine(directory, lstatSync(place, { bigint: true })));
  into.directories.push(directory);
  const found = inOrder(place);
  if (found.length === 0 && directory !== '') into.manifest.add(manifestLine({ type: 'directory', path: directory }));
  for (const item of found) {
    const path = directory === '' ? item.name : `${directory}/${item.name}`;
    if (item.isDirectory()) await readDirectory(path, into);
    else await readItem(path, item, into);
    await breathe();
  }
}

/** What is in a directory, in the order of all the paths that it begins: those below a directory go on with a slash. */
function inOrder(place: string): readonly Dirent[] {
  const goesOn = (item: Dirent): boolean => item.isDirectory() && readdirSync(join(place, item.name)).length > 0;
  return readdirSync(place, { withFileTypes: true })
    .map((item) => ({ item, path: goesOn(item) ? `${item.name}/` : item.name }))
    .toSorted(byPath)
    .map(({ item }) => item);
}

async function readItem(path: string, item: Dirent, into: Reading): Promise<void> {
  const place = join(into.root, path);
  const known = into.known?.get(path);
  refuseStrange(item, place);
  if (item.isSymbolicLink()) {
    into.seen.add(seenLine(path, lstatSync(place, { bigint: true })));
    into.manifest.add(manifestLine({ type: 'link', path, to: readLink(place) }));
  } else {
    const { sha256, stat } = known ? lookAt(place, known) : await hashFile(place);
    const mode = stat.mode & 0o100n ? 0o755 : 0o644;
    into.seen.add(seenLine(path, stat));
    into.manifest.add(manifestLine({ type: 'file', path, mode, size: Number(stat.size), sha256 }));
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
