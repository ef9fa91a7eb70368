import { crc32 } from 'node:zlib';

/** A chunk of a PNG; `claim` lies about its length, `crc` about its checksum. */
export interface Chunk {
  readonly type: string;
  readonly data?: Buffer;
  readonly claim?: number;
  readonly crc?: number;
}

/** A PNG out of chunks, with its beginning and its end. Nothing in it can be seen. */
export const pngOf = (...chunks: readonly Chunk[]): Buffer =>
  Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    ...[{ type: 'IHDR', data: Buffer.alloc(13) }, ...chunks, { type: 'IEND' }].map(bytesOf),
  ]);

function bytesOf({ type, data = Buffer.alloc(0), claim = data.length, crc }: Chunk): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(claim);
  sum.writeUInt32BE(crc ?? crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** What stands in a `tEXt`. */
export const textOf = (keyword: string, text: string): Buffer => Buffer.from(`${keyword}\0${text}`, 'latin1');
