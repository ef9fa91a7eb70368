import { createHash } from 'node:crypto';
import { closeSync, createReadStream, createWriteStream, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline as chain, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';

import { Sha256, type Tree } from '../digest.ts';
import { type Entry, treeOf } from '../manifest.ts';
import type { Store } from '../store.ts';
import { readTar, type TarEntry, writeTar } from '../tar.ts';
import type { Packing } from './record.ts';

/** Bytes that come out of zstd at once. */
const chunkSize = 256 * 1024;

/** Packs a proven tree into the file `to`: a tar in zstd. Throws the disk's faults, and `EIO` for a tree that is not what it was. */
export async function packTree(
  tree: Tree,
  { store, to, signal }: { readonly store: Store; readonly to: string; readonly signal: AbortSignal },
): Promise<Packing> {
  const root = store.pathOf(tree);
  const entries = await store.entries(tree);
  const members = entries.map((entry): TarEntry => {
    if (entry.type !== 'file') return entry;
    const { sha256, ...file } = entry;
    return { ...file, from: { file: join(root, entry.path), sha256 } };
  });
  const hash = createHash('sha256');
  let size = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  const packed = createWriteStream(to, { flags: 'wx', mode: 0o644 });
  await pipeline(Readable.from(writeTar(members)), createZstdCompress({ chunkSize }), counting, packed, { signal });
  const unpacked = entries.reduce((sum, entry) => (entry.type === 'file' ? sum + entry.size : sum), 0);
  return { tree, sha256: Sha256.parse(hash.digest('hex')), size, unpacked };
}

/**
 * Lays the tree that `file` holds out in `into` (absent), and answers its digest. Links are made last: nothing is written
 * through one. Throws the disk's faults, and errors of other kinds where the file is no tree, or larger than was said.
 */
export async function layTree(
  file: string,
  { into, unpacked, signal }: { readonly into: string; readonly unpacked: number; readonly signal: AbortSignal },
): Promise<Tree> {
  const entries: Entry[] = [];
  const made = new Set<string>();
  const makeDirectory = (path: string): void => {
    if (!made.has(path)) mkdirSync(path, { recursive: true });
    made.add(path);
  };
  makeDirectory(into);
  const bytes = chain(createReadStream(file, { signal }), createZstdDecompress({ chunkSize }), () => {});
  await readTar(bytes, { mostBytes: unpacked }, async (member, body) => {
    const path = join(into, member.path);
    makeDirectory(member.type === 'directory' ? path : dirname(path));
    entries.push(member.type === 'file' ? { ...member, sha256: await layFile(path, member.mode, body) } : member);
  });
  for (const entry of entries) if (entry.type === 'link') symlinkSync(entry.to, join(into, entry.path));
  return treeOf(entries);
}

async function layFile(path: string, mode: number, bytes: AsyncIterable<Uint8Array>): Promise<Sha256> {
  const file = openSync(path, 'wx', mode);
  const hash = createHash('sha256');
  try {
    for await (const chunk of bytes) {
      hash.update(chunk);
      for (let done = 0; done < chunk.length;) done += writeSync(file, chunk, done);
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex') as Sha256;
}
