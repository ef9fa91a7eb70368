import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { type Blob, blobOf, hexOf, Sha256, sha256Of, type Tree } from './digest.ts';
import { bestEffort, codeOf, diskError, withPath } from './disk-error.ts';
import { openDurability, type SizedFile } from './durability.ts';
import { looksIn, renderSeenFile } from './fingerprint.ts';
import { demandSize, hashFile } from './hash-file.ts';
import { isStore, placeOf, storeFormat } from './layout.ts';
import { entriesIn, type Entry, parseManifest, treeOfManifest } from './manifest.ts';
import { normaliseFile, normaliseTree } from './normalise-tree.ts';
import { openProof } from './proof.ts';
import { type Press, publish } from './publish.ts';
import { readTree } from './read-tree.ts';
import type { Scratch, Store } from './store.ts';
import { openTemps, type Temps } from './temps.ts';

/**
 * The store in the directory `root`, which is made when something is first written. `warn` is told, once per object, what
 * was found damaged. Throws `ERR_STORE_FORMAT` when another release keeps its own format there; its methods throw the
 * disk's faults as Node reports them, with `code` and `path`.
 */
export function openStore({ root, warn }: { readonly root: string; readonly warn: (text: string) => void }): Store {
  isStore(root);
  const temps = openTemps(join(root, 'tmp'));
  const press: Press = { root, proof: openProof({ root, temps, warn }), durability: openDurability(root) };
  return {
    scratch: () => makeScratch(press, temps),
    keepFile: (path, known) => keepFile(press, temps, path, known),
    keepTree: (path, known) => keepTree(press, temps, path, known),
    proves: press.proof.proves,
    pathOf: (digest) => placeOf(root, digest).object,
    entries: (tree) => readEntries(root, temps, tree),
    looks: (tree) => looksIn(textAt(placeOf(root, tree).seen)),
    lookedLike(tree) {
      const seen = textAt(placeOf(root, tree).seen);
      return seen === '' ? '' : sha256Of(seen);
    },
  };
}

async function makeScratch(press: Press, temps: Temps): Promise<Scratch> {
  await prepare(press, temps);
  const path = temps.fresh();
  mkdirSync(path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      // What cannot be removed now is swept by a later run.
      await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    },
  };
}

async function prepare({ root, durability }: Press, temps: Temps): Promise<void> {
  await durability.makeDirectory(root);
  if (!isStore(root)) temps.write(join(root, 'format'), `${storeFormat}\n`);
  await temps.sweep();
}

async function keepFile(
  press: Press,
  temps: Temps,
  path: string,
  known: Parameters<Store['keepFile']>[1],
): Promise<Blob> {
  await prepare(press, temps);
  if (!lstatSync(path).isFile()) throw diskError('ENOTSUP', path, 'only a file can be stored as a blob');
  if (known?.isShared !== true) normaliseFile(path, temps.fresh, 0o644);
  const stat = lstatSync(path, { bigint: true });
  const size = Number(stat.size);
  if (known) demandSize(path, size, known);
  const reading = known ? { sha256: Sha256.parse(known.sha256), stat } : await hashFile(path);
  const blob = blobOf(reading.sha256);
  await publish(press, {
    digest: blob,
    from: path,
    seen: renderSeenFile(reading.stat),
    settle: () => press.durability.settle({ files: [{ path, size }], directories: [] }),
  });
  return blob;
}

async function keepTree(
  press: Press,
  temps: Temps,
  path: string,
  known?: Parameters<Store['keepTree']>[1],
): Promise<Tree> {
  await prepare(press, temps);
  if (!lstatSync(path).isDirectory()) throw diskError('ENOTDIR', path, 'only a directory can be stored as a tree');
  await normaliseTree(path, temps.fresh);
  const { manifest: text, directories, seen } = await readTree(path, known);
  const tree = treeOfManifest(text);
  const { manifest } = placeOf(press.root, tree);
  await publish(press, {
    digest: tree,
    from: path,
    seen,
    async settle() {
      // In its place it would be alone until the tree comes: `gc` takes what is.
      const draft = temps.fresh();
      try {
        writeFileSync(draft, text, { flag: 'wx' });
        await press.durability.settle({
          files: { [Symbol.iterator]: () => filesOf(path, text, draft) },
          directories: directories.map((directory) => join(path, directory)),
        });
        renameSync(draft, manifest);
      } catch (error) {
        throw withPath(error, manifest);
      } finally {
        bestEffort(() => rmSync(draft, { force: true }));
      }
    },
  });
  return tree;
}

/** The files of a tree at `root` and, last, the draft of its manifest's `text`. */
function* filesOf(root: string, text: string, draft: string): Generator<SizedFile> {
  for (const entry of entriesIn(text))
    if (entry.type === 'file') yield { path: `${root}/${entry.path}`, size: entry.size };
  yield { path: draft, size: text.length };
}

/** The tree itself is the truth; its manifest only saves reading it. */
async function readEntries(root: string, temps: Temps, tree: Tree): Promise<readonly Entry[]> {
  const { object, manifest } = placeOf(root, tree);
  const text = textAt(manifest);
  if (sha256Of(text) === hexOf(tree)) return parseManifest(text);
  const { manifest: actual } = await readTree(object);
  if (treeOfManifest(actual) !== tree) throw diskError('EIO', object, 'the tree is not what its digest says');
  bestEffort(() => temps.write(manifest, actual));
  return parseManifest(actual);
}

/** A text; an empty one where there is none. */
function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
