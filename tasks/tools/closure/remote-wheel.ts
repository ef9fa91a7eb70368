import { inflateRawSync } from 'node:zlib';

/** Reads bytes of a file that may be far away: `length` of them from `at` on, or the last ones when `at` is negative. */
export type ReadPart = (at: number, length: number) => Promise<{ readonly bytes: Buffer; readonly total: number }>;

/** What the end of a wheel is read in: the list of its files, and most often its METADATA as well. */
const tailBytes = 128 * 1024;
/** No METADATA is longer. */
const mostBytes = 8 * 1024 * 1024;

/** The METADATA of a wheel, out of its last bytes. Throws a SyntaxError when it is no such zip file. */
export async function readWheelMetadata(read: ReadPart): Promise<string> {
  const { bytes: tail, total } = await read(-tailBytes, tailBytes);
  const at = total - tail.length;
  const part = async (from: number, length: number): Promise<Buffer> =>
    from >= at ? tail.subarray(from - at, from - at + length) : (await read(from, length)).bytes;
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new SyntaxError('it is no zip file');
  const [size, start] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (size > mostBytes * 4 || start + size > total)
    throw new SyntaxError('its list of files is not where it should be');
  const entry = metadataEntry(await part(start, size));
  if (entry === undefined || entry.packed > mostBytes) throw new SyntaxError('it has no METADATA');
  const header = await part(entry.at, 30);
  const content = entry.at + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = await part(content, entry.packed);
  return (entry.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: mostBytes })).toString();
}

interface Entry {
  readonly at: number;
  readonly packed: number;
  readonly method: number;
}

/** Where METADATA is, out of the list of all files. */
function metadataEntry(list: Buffer): Entry | undefined {
  let at = 0;
  while (at + 46 <= list.length && list.readUInt32LE(at) === 0x02014b50) {
    const nameEnd = at + 46 + list.readUInt16LE(at + 28);
    const name = list.toString('utf8', at + 46, nameEnd);
    if (/^[^/]+\.dist-info\/METADATA$/.test(name))
      return { at: list.readUInt32LE(at + 42), packed: list.readUInt32LE(at + 20), method: list.readUInt16LE(at + 10) };
    at = nameEnd + list.readUInt16LE(at + 30) + list.readUInt16LE(at + 32);
  }
  return undefined;
}
