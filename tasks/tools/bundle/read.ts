import { closeSync, mkdirSync, openSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { type Blob, type Entry, hexOf, type Scratch, type Tree } from '#cache';
import { Failed } from '#engine';

import { assertRoom } from '../http/wanted.ts';
import { writeAll } from '../write-all.ts';
import { nameOfFile } from './contents.ts';
import { type Inspected, inspectBundle } from './inspect.ts';
import { openBundle, type OpenBundle, refuseBundle } from './open.ts';
import type { Bundling } from './parts.ts';

/** What is missing in the store, and how many bytes of it will be written. */
interface Missing {
  readonly blobs: readonly Blob[];
  readonly trees: readonly (readonly [Tree, readonly Entry[]])[];
  readonly bytes: number;
}

/** One bundle on its way into the store. */
interface Unloading extends Bundling {
  readonly file: string;
  readonly bundle: OpenBundle;
  readonly scratch: Scratch;
  readonly onBytes: (count: number) => void;
}

/**
 * Takes everything of a bundle into the cache: first all bytes, each checked before it enters the store, then the answers
 * that name them. Answers the documents that came along. Throws Failed (absent, refused, integrity, disk, cancelled).
 */
export async function readBundle(file: string, bundling: Bundling) {
  const { store, results } = bundling;
  using bundle = openBundle(file);
  const inspected = inspectBundle(bundle, file);
  await using scratch = await store.scratch();
  const missing = await missingIn(inspected, bundle, bundling);
  assertRoom(join(scratch.path, 'any'), missing.bytes);
  let done = 0;
  const onBytes = (count: number): void => bundling.onProgress((done += count), missing.bytes);
  const unloading: Unloading = { ...bundling, file, bundle, scratch, onBytes };
  for (const blob of missing.blobs) await keepBlob(blob, unloading);
  for (const [tree, entries] of missing.trees) await keepTree(tree, entries, unloading);
  const at = new Date().toISOString();
  for (const { key, task, input, output } of inspected.answers)
    await results.save({ key, task, input, output, at, ms: 0 });
  const { version, documents, answers } = inspected;
  return {
    version,
    documents,
    answers: answers.length,
    objects: missing.blobs.length + missing.trees.length,
    bytes: done,
  };
}

async function missingIn({ blobs, trees }: Inspected, { sizes }: OpenBundle, { store }: Bundling): Promise<Missing> {
  const missingBlobs: Blob[] = [];
  for (const blob of blobs) if (!(await store.proves(blob))) missingBlobs.push(blob);
  const missingTrees: (readonly [Tree, readonly Entry[]])[] = [];
  for (const tree of trees) if (!(await store.proves(tree[0]))) missingTrees.push(tree);
  const names = [
    ...missingBlobs.map(hexOf),
    ...missingTrees.flatMap(([, entries]) => entries.flatMap((entry) => (entry.type === 'file' ? [entry.sha256] : []))),
  ];
  const bytes = names.reduce((sum, sha256) => sum + (sizes.get(nameOfFile(sha256)) ?? 0), 0);
  return { blobs: missingBlobs, trees: missingTrees, bytes };
}

async function keepBlob(blob: Blob, unloading: Unloading): Promise<void> {
  const { bundle, scratch, store } = unloading;
  const path = join(scratch.path, 'blob');
  await pourInto(path, hexOf(blob), 0o644, unloading);
  await store.keepFile(path, { sha256: hexOf(blob), size: bundle.sizes.get(nameOfFile(hexOf(blob)))! });
}

/** Lays a tree out aside: links last, so that nothing is ever written through one. */
async function keepTree(tree: Tree, entries: readonly Entry[], unloading: Unloading): Promise<void> {
  const root = join(unloading.scratch.path, 'tree');
  mkdirSync(root);
  for (const entry of entries) {
    const path = join(root, entry.path);
    mkdirSync(entry.type === 'directory' ? path : dirname(path), { recursive: true });
    if (entry.type === 'file') await pourInto(path, entry.sha256, entry.mode, unloading);
  }
  for (const entry of entries) if (entry.type === 'link') symlinkSync(entry.to, join(root, entry.path));
  const kept = await unloading.store.keepTree(root);
  if (kept !== tree)
    throw new Failed({
      kind: 'integrity',
      what: unloading.file,
      expected: tree,
      actual: kept,
      hint: 'this disk does not keep names or modes as they are',
    });
  rmSync(root, { recursive: true, force: true });
}

/** Writes one file of the bundle to `path` (absent). What is not what its name says is refused before anything reads it. */
async function pourInto(
  path: string,
  sha256: string,
  mode: number,
  { bundle, file, signal, onBytes }: Unloading,
): Promise<void> {
  const out = openSync(path, 'wx', mode);
  let at = 0;
  try {
    const actual = await bundle.pour(nameOfFile(sha256), (chunk) => {
      if (signal.aborted) throw new Failed({ kind: 'cancelled' });
      writeAll(out, chunk, at, path);
      at += chunk.length;
      onBytes(chunk.length);
    });
    if (actual !== sha256)
      throw refuseBundle(file, `${nameOfFile(sha256)} is not what its name says: it hashes to ${actual}`);
  } finally {
    closeSync(out);
  }
}
