import { breathe } from '#cache';
import type { Entry, RandomAccessReader } from 'yauzl';

import { demandContiguous, directoryStart, type Extent, locate } from './agreement.ts';
import type { Member } from './member.ts';
import { readInto } from './read-at.ts';

/** A member and where its packed bytes are in the archive. */
export interface Placed extends Member {
  readonly at: number;
}

/** An archive's directory, read but not yet believed. */
export interface Directory {
  readonly members: readonly Placed[];
  /** What is wrong with the directory as a whole. The members that could be read are there all the same. */
  readonly damage: unknown;
  /** What is wrong with what stands before a member's bytes, or with its place among the others'; `member` names it. */
  readonly mismatch: unknown;
}

/** Reads the directory of the zip file that is open as `file`, `size` bytes long; no more than `most` members and one. */
export async function readDirectory(file: number, size: number, most: number): Promise<Directory> {
  const members: Placed[] = [];
  const extents: Extent[] = [];
  let damage: unknown;
  let mismatch: unknown;
  try {
    const yauzl = await import('yauzl');
    const reader = openReader(yauzl.RandomAccessReader, file, size);
    // Names and sizes are judged by our own rules, which know more and can say which.
    const options = { decodeStrings: false, validateEntrySizes: false, autoClose: false };
    const zip = await yauzl.fromRandomAccessReaderPromise(reader, size, options);
    let length = 0;
    for await (const entry of zip.eachEntry()) {
      const member = memberOf(
        entry,
        yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, [], true),
      );
      const extent = await locate({ zip, yauzl, file, entry, name: member.name }).catch((error: unknown) => {
        mismatch ??= error;
      });
      members.push({ ...member, at: extent?.at ?? Number.NaN });
      if (extent !== undefined) extents.push(extent);
      length += 46 + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
      if (members.length > most) return { members, damage, mismatch };
      await breathe();
    }
    const begin = directoryStart(file, size - zip.comment.length, length);
    if (mismatch === undefined) demandContiguous(extents, begin);
  } catch (error) {
    if (error instanceof Error && 'member' in error) mismatch ??= error;
    else damage = error;
  }
  return { members, damage, mismatch };
}

/** Reads from a descriptor, wherever yauzl wants to. */
function openReader(Base: typeof RandomAccessReader, file: number, size: number): RandomAccessReader {
  class DescriptorReader extends Base {
    override read(...[into, at, length, position, done]: Parameters<RandomAccessReader['read']>): void {
      if (position + length > size) return done(new Error('Unexpected end'));
      readInto(into.subarray(at, at + length), file, position);
      (done as (error: null, read: number) => void)(null, length);
    }
  }
  return new DescriptorReader();
}

const field = { hardlink: 0x000d, unicodePath: 0x7075 };

function memberOf(entry: Entry, name: string): Member {
  const { externalFileAttributes } = entry;
  const data = (id: number): Buffer | undefined => entry.extraFields.find((one) => one.id === id)?.data;
  // A version and a checksum stand before the name. Readers differ on which of the two names counts.
  const otherName = data(field.unicodePath)?.subarray(5).toString();
  const mode = externalFileAttributes >>> 16;
  return {
    name,
    ...(otherName === undefined || otherName === name ? {} : { otherName }),
    isDirectory: name.endsWith('/') || (externalFileAttributes & 0x10) !== 0 || (mode & 0o170_000) === 0o040_000,
    // The names of links stand behind the 12 bytes of dates and owners.
    isHardlink: (data(field.hardlink)?.length ?? 0) > 12,
    isEncrypted: entry.isEncrypted(),
    mode,
    method: entry.compressionMethod,
    size: entry.uncompressedSize,
    packedSize: entry.compressedSize,
    crc32: entry.crc32,
  };
}
