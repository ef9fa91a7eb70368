import { createHash } from 'node:crypto';
import { closeSync, fchmodSync, openSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';

import { type Content, sha256Of } from '#cache';

import { giveBack, giveBackAfterLast } from '../give-back.ts';
import { writeAll } from '../write-all.ts';
import type { Placed } from './directory.ts';
import { readInto } from './read-at.ts';

/** Members up to this many bytes are unpacked in one call (four times faster for small ones), larger ones piece by piece. */
const wholeBytes = 256 * 1024;
const pieceBytes = 256 * 1024;

/**
 * Writes the bytes of one member to `to` (absent), and answers what they are. Throws an Error that says what is wrong with them, or
 * that of the disk.
 */
export async function unpackMember(archive: number, member: Placed, to: string): Promise<Content> {
  const file = openSync(to, 'wx');
  try {
    const sink = openSink(file, member, to);
    const isSmall = Math.max(member.size, member.packedSize) <= wholeBytes;
    const sha256 = isSmall ? writeWhole(archive, member, sink) : await unpackInPieces(archive, member, sink);
    sink.end();
    // The umask of whoever runs this is no part of the archive.
    fchmodSync(file, member.mode & 0o111 ? 0o755 : 0o644);
    return { sha256, size: member.size };
  } finally {
    closeSync(file);
  }
}

/** Shared by all members: it is filled, unpacked and written without a pause between. */
const packedBuffer = Buffer.allocUnsafeSlow(wholeBytes);

function writeWhole(archive: number, { at, packedSize, size, method }: Placed, sink: Sink): string {
  const packed = readInto(packedBuffer.subarray(0, packedSize), archive, at);
  if (method === 0) {
    sink.write(packed);
    return sha256Of(packed);
  }
  // With room for one byte more it is done in one stroke; when the room is used up, zlib asks for as much again.
  const sizes = { maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 1) };
  const unpacked = inflateRawSync(packed, { ...sizes, rejectGarbageAfterEnd: true });
  sink.write(unpacked);
  const sha256 = sha256Of(unpacked);
  giveBack(unpacked);
  return sha256;
}

async function unpackInPieces(archive: number, member: Placed, sink: Sink): Promise<string> {
  const sum = createHash('sha256');
  if (member.method === 0) {
    for (const piece of pieces(archive, member)) {
      sink.write(piece);
      sum.update(piece);
      await nextTurn();
    }
    return sum.digest('hex');
  }
  // It takes a piece only when the last one is unpacked: each is more than it holds.
  const inflater = createInflateRaw({ chunkSize: pieceBytes, rejectGarbageAfterEnd: true });
  await pipeline(pieces(archive, member), inflater, async (unpacked: AsyncIterable<Buffer>) => {
    for await (const piece of unpacked) {
      sink.write(piece);
      sum.update(piece);
      // One that does not fill its memory shares it with the next one.
      giveBackAfterLast(piece);
    }
  });
  return sum.digest('hex');
}

/** The packed bytes, all in one buffer: who asks for the next piece is done with the last. */
function* pieces(archive: number, { at, packedSize }: Placed): Generator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(pieceBytes);
  for (let done = 0; done < packedSize; done += pieceBytes)
    yield readInto(buffer.subarray(0, Math.min(pieceBytes, packedSize - done)), archive, at + done);
}

interface Sink {
  write(piece: Buffer): void;
  end(): void;
}

/** Writes what a member unpacks to, as long as it is what the directory says. */
function openSink(file: number, { size, crc32: expected }: Placed, to: string): Sink {
  let written = 0;
  let sum = 0;
  return {
    write(piece) {
      if (written + piece.length > size) throw new Error('It is larger than the directory says');
      writeAll(file, piece, written, to);
      sum = crc32(piece, sum);
      written += piece.length;
    },
    end() {
      if (written !== size) throw new Error('It is smaller than the directory says');
      if (sum !== expected) throw new Error('Its checksum is wrong');
    },
  };
}
