import type * as Yauzl from 'yauzl';
import type { Entry, LocalFileHeader, ZipFile } from 'yauzl';

import { readAt } from './read-at.ts';

/** What is an entry's own in an archive: header, packed bytes from `at` on, descriptor; `to` is the byte after. */
export interface Extent {
  readonly name: string;
  readonly from: number;
  readonly at: number;
  readonly to: number;
}

interface Found {
  readonly yauzl: typeof Yauzl;
  readonly zip: ZipFile;
  /** The archive's descriptor. */
  readonly file: number;
  readonly entry: Entry;
  readonly name: string;
}

/** Bits of which both headers must say the same: encrypted, sizes behind the bytes, strongly encrypted, UTF-8. */
const tellingFlags = 0x0849;
const sizesBehind = 0x0008;
const inZip64 = 0xffff_ffff;

/** Where an entry is, if what stands before and behind its bytes says what the directory does; else throws an Error with its `member`. */
export async function locate({ yauzl, zip, file, entry, name }: Found): Promise<Extent> {
  try {
    const header = await zip.readLocalFileHeaderPromise(entry);
    const { fileDataStart: at } = header;
    const packedEnd = at + entry.compressedSize;
    if (!header.fileName.equals(entry.fileNameRaw)) throw new Error('Its local header has another filename');
    if ((header.generalPurposeBitFlag & tellingFlags) !== (entry.generalPurposeBitFlag & tellingFlags))
      throw new Error('Its local header has other bit flags');
    if (header.compressionMethod !== entry.compressionMethod)
      throw new Error('Its local header has another compression method');
    const isBehind = (header.generalPurposeBitFlag & sizesBehind) !== 0;
    if (!isBehind) demandSame(localSizes(header, yauzl), entry);
    const behind = isBehind ? descriptorBytes(file, packedEnd, entry) : 0;
    return { name, from: entry.relativeOffsetOfLocalHeader, at, to: packedEnd + behind };
  } catch (error) {
    throw ofMember(error, name);
  }
}

type Sizes = Pick<Entry, 'crc32' | 'compressedSize' | 'uncompressedSize'>;

function demandSame({ crc32, compressedSize, uncompressedSize }: Sizes, entry: Sizes): void {
  // Some writers leave all of them out, and say so nowhere.
  if (crc32 === 0 && compressedSize === 0 && uncompressedSize === 0) return;
  const isSame =
    crc32 === entry.crc32 && compressedSize === entry.compressedSize && uncompressedSize === entry.uncompressedSize;
  if (!isSame) throw new Error('Its local header has another crc32 or other sizes');
}

function localSizes(header: LocalFileHeader, { parseExtraFields }: Found['yauzl']): Sizes {
  const { crc32, compressedSize, uncompressedSize } = header;
  if (compressedSize !== inZip64 && uncompressedSize !== inZip64) return header;
  const data = parseExtraFields(header.extraField).find(({ id }) => id === 0x0001)?.data ?? Buffer.alloc(0);
  const long = (at: number): number => (data.length < at + 8 ? Number.NaN : Number(data.readBigUInt64LE(at)));
  const second = uncompressedSize === inZip64 ? 8 : 0;
  return {
    crc32,
    uncompressedSize: uncompressedSize === inZip64 ? long(0) : uncompressedSize,
    compressedSize: compressedSize === inZip64 ? long(second) : compressedSize,
  };
}

/** How long the descriptor behind an entry's bytes is, in bytes: with or without a signature, with short or long sizes. */
function descriptorBytes(file: number, at: number, { crc32, compressedSize, uncompressedSize }: Sizes): number {
  const found = readAt(file, at, 24);
  for (const signature of [4, 0]) {
    if (signature > 0 && (found.length < 4 || found.readUInt32LE() !== 0x08074b50)) continue;
    for (const width of [4, 8]) {
      const length = signature + 4 + 2 * width;
      const size = (nth: number): number => {
        const from = signature + 4 + nth * width;
        return width === 4 ? found.readUInt32LE(from) : Number(found.readBigUInt64LE(from));
      };
      if (found.length < length || found.readUInt32LE(signature) !== crc32) continue;
      if (size(0) === compressedSize && size(1) === uncompressedSize) return length;
    }
  }
  throw new Error('The descriptor behind it has another crc32 or other sizes');
}

const end = { bytes: 22, locatorBytes: 20, locator: 0x07064b50, longBytes: 56 };

/**
 * Where the directory begins, which is `length` bytes long and ends where the archive's end record begins, the last one before
 * byte `size`. Throws an Error when that record says otherwise: other readers would find another directory.
 */
export function directoryStart(file: number, size: number, length: number): number {
  const at = size - end.bytes;
  const record = readAt(file, at, end.bytes);
  const locator = at < end.locatorBytes ? undefined : readAt(file, at - end.locatorBytes, end.locatorBytes);
  const isLong = locator?.readUInt32LE() === end.locator;
  const until = isLong ? at - end.locatorBytes - end.longBytes : at;
  const long = (field: number): number => Number(readAt(file, until + field, 8).readBigUInt64LE());
  const [bytes, begin] = isLong ? [long(40), long(48)] : [record.readUInt32LE(12), record.readUInt32LE(16)];
  const isThere = !isLong || Number(locator.readBigUInt64LE(8)) === until;
  if (!isThere || bytes !== length || begin + bytes !== until)
    throw new Error('The directory is not where the end of the archive says, or not as long');
  return begin;
}

/** Demands that entries lie one behind the other from the first byte up to `until`, as readers that stream take them. */
export function demandContiguous(extents: readonly Extent[], until: number): void {
  let before = { name: '', to: 0 };
  const directory = { name: undefined, from: until, to: until };
  for (const { name, from, to } of [...extents.toSorted((a, b) => a.from - b.from), directory]) {
    if (from < before.to) throw ofMember(new Error('Its bytes overlap with others'), name ?? before.name);
    if (from > before.to)
      throw before.to === 0
        ? new Error('Bytes are prepended to it')
        : ofMember(new Error('Bytes behind it belong to no entry'), before.name);
    before = { name: name ?? '', to };
  }
}

const ofMember = (error: unknown, member: string): unknown =>
  error instanceof Error ? Object.assign(error, { member }) : error;
