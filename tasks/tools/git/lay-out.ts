import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { Failed } from '#engine';

import { writeFile } from '../write-file.ts';
import { leadsOut } from './links.ts';
import { openPack, type Pack } from './pack.ts';
import { readTree, type TreeEntry } from './tree.ts';

/** What was laid out: git's id of the root tree, whether the commit has parents, and every entry. */
export interface LaidOut {
  readonly tree: string;
  readonly shallow: boolean;
  readonly entries: readonly TreeEntry[];
}

/** Bytes of all files together, and how many files are written before others get their turn. */
const limits = { bytes: 4 * 1024 ** 3, turn: 64 };

/**
 * Writes the files of `commit` below `into` (there, and empty but for `.git`), byte for byte as the commit has them.
 * They come from the pack in `into/.git`; every object on the way from the commit's id to the file is hashed.
 */
export async function layOut(into: string, commit: string, signal: AbortSignal): Promise<LaidOut> {
  using pack = openPack(join(into, '.git/objects/pack'), commit);
  const { tree, shallow } = readCommit(pack, commit);
  const entries = readTree(pack, tree);
  makeDirectories(into, entries);
  let bytes = 0;
  let written = 0;
  const links = new Map<string, string>();
  for (const { path, mode, id } of entries) {
    if (mode === '160000') continue;
    const { body } = pack.read(id);
    bytes += body.length;
    if (bytes > limits.bytes) throw refused(path, `the files before it have more than ${limits.bytes} bytes`);
    if (mode === '120000') links.set(path, body.toString());
    else writeFile(join(into, path), body, { flag: 'wx', mode: mode === '100755' ? 0o755 : 0o644 });
    if (++written % limits.turn === 0) await setImmediate();
    if (signal.aborted) throw new Failed({ kind: 'cancelled' });
  }
  // Last, so that no file is ever written through one.
  for (const [path, target] of links) {
    if (target === '' || target.includes('\0') || leadsOut(path, links))
      throw refused(path, `it is a link to ${JSON.stringify(target)}, outside of the repository`);
    symlinkSync(target, join(into, path));
  }
  return { tree, shallow, entries };
}

/** The directories of all entries; a submodule is an empty one. */
function makeDirectories(into: string, entries: readonly TreeEntry[]): void {
  const made = new Set<string>();
  for (const { path, mode } of entries) {
    const directory = mode === '160000' ? path : path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (directory === '' || made.has(directory)) continue;
    mkdirSync(join(into, directory), { recursive: true });
    made.add(directory);
  }
}

function readCommit(pack: Pack, commit: string): { readonly tree: string; readonly shallow: boolean } {
  const { body } = pack.read(commit);
  const [, tree, parent] = /^tree ([0-9a-f]+)\n(parent )?/.exec(body.toString('latin1')) ?? [];
  if (tree === undefined) throw new Failed({ kind: 'refused', what: `commit ${commit}`, because: 'it is malformed' });
  return { tree, shallow: parent !== undefined };
}

const refused = (path: string, because: string): Failed =>
  new Failed({ kind: 'refused', what: `${JSON.stringify(path)} in a commit`, because });
