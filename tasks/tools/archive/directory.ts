import type { Entry, FileEntry, Reader } from '@zip.js/zip.js';

import type { Member } from './member.ts';
import { readAt } from './read-at.ts';

/** A member and where its packed bytes are in the archive. */
export interface Placed extends Member {
  readonly at: number;
}

/** An archive's directory, read but not yet believed. */
export interface Directory {
  readonly members: readonly Member[];
  /** What is wrong with the directory as a whole. The members that could be read are there all the same. */
  readonly damage: unknown;
  /** Compares every member with what stands before its bytes, and its place with every other's. */
  locate(): Promise<readonly Placed[]>;
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
  const entries: Entry[] = [];
  let damage: unknown;
  try {
    for await (const entry of reader.getEntriesGenerator()) if (entries.push(entry) > most) break;
  } catch (error) {
    damage = error;
  }
  return { members: entries.map(memberOf), damage, locate: () => locate(entries) };
}

async function locate(entries: readonly Entry[]): Promise<readonly Placed[]> {
  const nowhere = new WritableStream();
  const placed: Placed[] = [];
  for (const entry of entries) {
    try {
      // Directories have this method as well; only the type does not say so.
      await (entry as FileEntry).getData(nowhere);
    } catch (error) {
      throw error instanceof Error ? Object.assign(error, { member: entry.filename }) : error;
    }
    placed.push({ ...memberOf(entry), at: entry.localDirectory?.dataOffset ?? Number.NaN });
  }
  return placed;
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
