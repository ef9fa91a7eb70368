import { crc32, deflateRawSync } from 'node:zlib';

/** The fields of an entry as its headers state them. What is left out is stated truly. */
interface Stated {
  readonly name?: string | Buffer;
  /** 0 stored, 8 deflated; other numbers are stated, and the bytes stored. */
  readonly method?: number;
  /** Bit 0 encrypted, bit 3 data descriptor, bit 11 UTF-8 (the default). */
  readonly flags?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly packedSize?: number;
  readonly extra?: Buffer;
}

/** One entry of a hand-made zip. */
export interface Entry extends Stated {
  readonly name: string | Buffer;
  readonly data?: string | Buffer;
  /** The bytes as they stand in the archive, instead of what `data` packs to. */
  readonly packed?: Buffer;
  /** `st_mode`, type included. */
  readonly mode?: number;
  /** MS-DOS attributes: 0x10 is a directory. */
  readonly attributes?: number;
  /** What the header before the bytes says, where that differs from the directory. */
  readonly local?: Stated;
  /** Has no bytes of its own: the directory points to those of the entry with this index, moved by `by`. */
  readonly sharing?: { readonly index: number; readonly by?: number };
}

/** Things around the entries that a clean archive does not have. */
export interface Around {
  readonly before?: Buffer;
  readonly after?: Buffer;
  /** How many entries the end of the directory states. */
  readonly count?: number;
}

/** Writes a zip file byte by byte: no library would write most of what is needed here. */
export function zip(entries: readonly Entry[], { before, after, count }: Around = {}): Buffer {
  const parts: Buffer[] = before ? [before] : [];
  const central: Buffer[] = [];
  const offsets: number[] = [];
  let offset = before?.length ?? 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? '');
    const method = entry.method ?? (data.length > 0 ? 8 : 0);
    const packed = entry.packed ?? (method === 8 ? deflateRawSync(data) : data);
    const stated = { flags: 0x800, crc: crc32(data), size: data.length, packedSize: packed.length, ...entry, method };
    offsets.push(entry.sharing ? offsets[entry.sharing.index]! + (entry.sharing.by ?? 0) : offset);
    central.push(centralHeader(stated, offsets.at(-1)!));
    if (entry.sharing) continue;
    const local = { ...stated, ...entry.local };
    const descriptor =
      local.flags & 8 ? [numbers([4, 0x08074b50], [4, local.crc], [4, local.packedSize], [4, local.size])] : [];
    const zeroed = local.flags & 8 ? { ...local, crc: 0, size: 0, packedSize: 0 } : local;
    const bytes = Buffer.concat([localHeader(zeroed), packed, ...descriptor]);
    parts.push(bytes);
    offset += bytes.length;
  }
  const directory = Buffer.concat(central);
  const total = count ?? entries.length;
  const end = numbers(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, total],
    [2, total],
    [4, directory.length],
    [4, offset],
    [2, 0],
  );
  return Buffer.concat([...parts, directory, end, ...(after ? [after] : [])]);
}

type Complete = Required<Omit<Stated, 'extra'>> & Pick<Entry, 'extra' | 'mode' | 'attributes'>;

const common = ({ flags, method, crc, packedSize, size, name, extra }: Complete): Buffer =>
  numbers(
    [2, 20],
    [2, flags],
    [2, method],
    [4, 0x5a21_0000],
    [4, crc],
    [4, packedSize],
    [4, size],
    [2, Buffer.from(name).length],
    [2, extra?.length ?? 0],
  );

const tail = ({ name, extra }: Complete): readonly Buffer[] => [Buffer.from(name), extra ?? Buffer.alloc(0)];

const localHeader = (stated: Complete): Buffer =>
  Buffer.concat([numbers([4, 0x04034b50]), common(stated), ...tail(stated)]);

function centralHeader(stated: Complete, offset: number): Buffer {
  const { mode = 0, attributes = 0 } = stated;
  const madeBy = mode === 0 ? 0 : 3;
  const external = ((mode << 16) | attributes) >>> 0;
  const rest = numbers([2, 0], [2, 0], [2, 0], [4, external], [4, offset]);
  return Buffer.concat([numbers([4, 0x02014b50], [2, (madeBy << 8) | 20]), common(stated), rest, ...tail(stated)]);
}

/** Little-endian numbers: how many bytes, and which value. */
function numbers(...fields: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer {
  const buffer = Buffer.alloc(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of fields) at = buffer.writeUIntLE(value, at, bytes);
  return buffer;
}

/** One extra field: its id, and its data. */
export const extraField = (id: number, data: Buffer): Buffer =>
  Buffer.concat([numbers([2, id], [2, data.length]), data]);
