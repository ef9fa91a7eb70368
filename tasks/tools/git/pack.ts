import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

import { Failed } from '#engine';

/** One object of git: `body` without git's own header. */
interface GitObject {
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  readonly body: Buffer;
}

/** A pack of whole objects (no deltas), open for reading. */
export interface Pack extends Disposable {
  /** The object with this id. Throws `integrity` unless its bytes hash to it. */
  read(id: string): GitObject;
}

/** Bytes. No host of repositories takes larger files; a few bytes that unpack to more are an attack. */
const largest = 1024 ** 3;

const types = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' } as const;

/** Opens the one pack in a directory, as `pack-objects --window=0` wrote it. The length of `commit` says which hash is used. */
export function openPack(directory: string, commit: string): Pack {
  const algorithm = commit.length === 40 ? 'sha1' : 'sha256';
  const index = readdirSync(directory).find((name) => name.endsWith('.idx'));
  if (index === undefined) throw damaged(commit, 'no pack');
  const path = join(directory, index.replace(/idx$/, 'pack'));
  const extents = readExtents(readFileSync(join(directory, index)), statSync(path).size, commit.length / 2);
  const file = openSync(path, 'r');
  return {
    read(id) {
      const extent = extents.get(id);
      if (extent === undefined) throw damaged(id, 'nothing');
      const bytes = Buffer.allocUnsafe(extent.end - extent.start);
      readSync(file, bytes, 0, bytes.length, extent.start);
      const object = decode(id, bytes);
      const actual = createHash(algorithm)
        .update(`${object.type} ${object.body.length}\0`)
        .update(object.body)
        .digest('hex');
      if (actual !== id) throw damaged(id, actual);
      return object;
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}

/** Where each object lies in the pack, from an index of version 2: fan-out, sorted ids, checksums, offsets. */
function readExtents(index: Buffer, packSize: number, idBytes: number): Map<string, { start: number; end: number }> {
  const ids = 8 + 256 * 4;
  const count = index.readUInt32BE(ids - 4);
  const offsets = ids + count * (idBytes + 4);
  const starts = Array.from({ length: count }, (_, at) => index.readUInt32BE(offsets + at * 4));
  if (packSize >= 2 ** 31)
    throw new Failed({
      kind: 'refused',
      what: 'a commit of more than 2 GiB',
      because: 'no repository of nodes is that large',
    });
  const sorted = [...starts.toSorted((a, b) => a - b), packSize - idBytes];
  const ends = new Map(sorted.slice(0, -1).map((start, at) => [start, sorted[at + 1]!]));
  return new Map(
    starts.map((start, at) => {
      const id = index.toString('hex', ids + at * idBytes, ids + (at + 1) * idBytes);
      return [id, { start, end: ends.get(start)! }];
    }),
  );
}

/** One entry: type and size in seven bits a byte (the first has four), then zlib. */
function decode(id: string, bytes: Buffer): GitObject {
  let at = 0;
  let byte = bytes[at++] ?? 0;
  const type = types[((byte >> 4) & 7) as keyof typeof types];
  let size = byte & 15;
  for (let scale = 16; byte & 128; scale *= 128) {
    byte = bytes[at++] ?? 0;
    size += (byte & 127) * scale;
  }
  if (type === undefined) throw damaged(id, 'an object of no known type');
  if (size > largest)
    throw new Failed({
      kind: 'refused',
      what: `object ${id} in a commit`,
      because: `it has ${size} bytes (at most ${largest})`,
    });
  try {
    const chunkSize = Math.max(64, size + 1);
    return { type, body: inflateSync(bytes.subarray(at), { maxOutputLength: Math.max(1, size), chunkSize }) };
  } catch (cause) {
    throw damaged(id, 'bytes that cannot be unpacked', cause);
  }
}

const damaged = (id: string, actual: string, cause?: unknown): Failed =>
  new Failed(
    {
      kind: 'integrity',
      what: `Object ${id} in a mirror of git`,
      expected: id,
      actual,
      hint: 'nothing of it was used; check the disk that holds the cache',
    },
    { cause },
  );
