import { crc32 } from 'node:zlib';

import type { Files } from './shipped.ts';

/** Version 2.0 of the format, names in UTF-8, stored, and 1980-01-01 00:00: the first moment that a zip can name. */
const kind = [20, 0x0800, 0, 0, 0x0021] as const;
const madeOnUnix = 3 * 256 + 20;
const regularFile = 0o100644 * 2 ** 16;

/** A zip archive that stores its files as they are: the same files give the same bytes, whatever the library. */
export function storedZip(files: Files): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let start = 0;
  for (const [path, bytes] of files) {
    const name = Buffer.from(path);
    const about = Buffer.concat([u16(...kind), u32(crc32(bytes), bytes.length, bytes.length), u16(name.length, 0)]);
    const body = Buffer.concat([u32(0x04034b50), about, name, bytes]);
    bodies.push(body);
    directory.push(u32(0x02014b50), u16(madeOnUnix), about, u16(0, 0, 0), u32(regularFile, start), name);
    start += body.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = [u32(0x06054b50), u16(0, 0, files.size, files.size), u32(size, start), u16(0)];
  return Buffer.concat([...bodies, ...directory, ...end]);
}

/** Numbers of two bytes each, little-endian. */
function u16(...values: readonly number[]): Buffer {
  const result = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => result.writeUInt16LE(value, index * 2));
  return result;
}

/** Numbers of four bytes each, little-endian. */
function u32(...values: readonly number[]): Buffer {
  const result = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => result.writeUInt32LE(value, index * 4));
  return result;
}
