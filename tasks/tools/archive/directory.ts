import type { Entry, FileEntry, Reader } from '@zip.js/zip.js';

import type { Member } from './member.ts';
import { readAt } from './read-at.ts';

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

/** A zip whose directory alone is larger is none of ours; the reader would hold it in memory. */
const mostBytesAtOnce = 64 * 1024 ** 2;

/** Reads the directory of the zip file that is open as `file`, `size` bytes long; no more than `most` members and one. */
export async function readDirectory(file: number, size: number, most: number): Promise<Directory> {
  const zip = await import('@zip.js/zip.js');
  const reader = new zip.ZipReader(openReader(zip.Reader, file, size), {
    strictness: 'strict',
    // Names are judged by our own rules, which know more and can say which.
    filenameValidation: 'tolerant',
    checkOverlappingEntryOnly: true,
    useWebWorkers: false,
  });
  const members: Placed[] = [];
  let damage: unknown;
  let mismatch: unknown;
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      const at = await locate(entry).catch((error: unknown) => {
        mismatch ??= error;
        return Number.NaN;
      });
      members.push({ ...memberOf(entry), at });
      empty(entry);
      if (members.length > most) break;
    }
  } catch (error) {
    damage = error;
  }
  return { members, damage, mismatch };
}

const nowhere = new WritableStream();

/** Compares a member with what stands before its bytes, and its place with those of the members before it. */
async function locate(entry: Entry): Promise<number> {
  try {
    // Directories have this method as well; only the type does not say so.
    await (entry as FileEntry).getData(nowhere);
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { member: entry.filename }) : error;
  }
  return entry.localDirectory?.dataOffset ?? Number.NaN;
}

/** The reader keeps its entries, of nine kilobytes each, for the places of their bytes alone: those are kept elsewhere too. */
function empty(entry: object): void {
  for (const key of Object.keys(entry)) Reflect.set(entry, key, undefined);
}

function memberOf(entry: Entry): Member {
  // Readers differ on which of the two counts.
  const second = entry.extraFieldUnicodePath?.filename;
  const names = second === undefined ? [] : [second, new TextDecoder().decode(entry.rawFilename)];
  const otherName = names.find((name) => name !== entry.filename);
  const pkwareUnix = entry.extraField?.get(0x000d);
  return {
    name: entry.filename,
    ...(otherName === undefined ? {} : { otherName }),
    isDirectory: entry.directory,
    // The names of links stand behind the 12 bytes of dates and owners.
    isHardlink: (pkwareUnix?.data.length ?? 0) > 12,
    isEncrypted: entry.encrypted,
    mode: entry.externalFileAttributes >>> 16,
    method: entry.compressionMethod,
    size: entry.uncompressedSize,
    packedSize: entry.compressedSize,
    crc32: entry.crc32 ?? 0,
  };
}

/** Reads from a descriptor, wherever zip.js wants to. */
function openReader(Base: typeof Reader, file: number, bytes: number): Reader<number> {
  class DescriptorReader extends Base<number> {
    override size = bytes;
    override async readUint8Array(at: number, length: number): Promise<Uint8Array> {
      if (length > mostBytesAtOnce) throw new Error('Oversized directory');
      return readAt(file, at, length);
    }
  }
  return new DescriptorReader(file);
}
