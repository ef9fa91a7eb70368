import { createHash } from 'node:crypto';
import { createWriteStream, statSync } from 'node:fs';
import { type Duplex, PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';

import { type Sha256, type Store, writeTar } from '#cache';
import type { Compression, LayerPart } from '#engine';

import { entriesOf } from './entries.ts';

const pieceBytes = 1024 * 1024;

/** A layer as a file: `sha256` and `size` (bytes) are the file's, `diff` is the SHA-256 of the tar in it. */
export interface LayerFile {
  readonly sha256: Sha256;
  readonly size: number;
  readonly diff: Sha256;
}

/** Packs parts into the layer file `to` (absent). Throws Failed (integrity) where the store does not hold what it says. */
export async function writeLayer(
  what: {
    readonly parts: readonly LayerPart[];
    readonly directory: string;
    readonly owner: number;
    readonly compression: Compression;
  },
  to: string,
  { store, signal }: { readonly store: Pick<Store, 'pathOf' | 'entries'>; readonly signal: AbortSignal },
): Promise<LayerFile> {
  const entries = await entriesOf(what.parts, store, (path) => statSync(path).size);
  const [diff, whole] = [createHash('sha256'), createHash('sha256')];
  let size = 0;
  await pipeline(
    writeTar(entries.map((entry) => ({ ...entry, owner: isWithin(entry.path, what.directory) ? what.owner : 0 }))),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        diff.update(chunk);
        yield chunk;
      }
    },
    packers[what.compression](),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        whole.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(to, { flags: 'wx', highWaterMark: pieceBytes }) as NodeJS.WritableStream,
    { signal },
  );
  return { sha256: whole.digest('hex') as Sha256, size, diff: diff.digest('hex') as Sha256 };
}

/** The level is half way: the last tenth of the size takes most of the time. */
const packers: Readonly<Record<Compression, () => Duplex>> = {
  gzip: () => createGzip({ level: 4, chunkSize: pieceBytes }),
  zstd: () => createZstdCompress({ chunkSize: pieceBytes, params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
  none: () => new PassThrough({ highWaterMark: pieceBytes }),
};

/** What lies in the directory belongs to its owner, what leads there to root. */
const isWithin = (path: string, directory: string): boolean => path === directory || path.startsWith(`${directory}/`);
