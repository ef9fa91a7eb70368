/** A tar is made of blocks of this many bytes. */
export const blockBytes = 512;

/** Two empty blocks end a tar. */
export const endBytes = 2 * blockBytes;

/** Bytes that fill the last block of a member of this size. */
export const paddingOf = (size: number): number => (blockBytes - (size % blockBytes)) % blockBytes;

/** From here on a size does not fit the eleven octal digits of the field. */
const octalEnd = 8 ** 11;

/** The longest name of a member, in bytes. */
export const mostNameBytes = 100;

/**
 * The header of one regular file (ustar). Owner, mode and time are the same for every file, so that the same content gives
 * the same bytes. A size of 8 GiB or more is written in binary, as every tar reads it.
 */
export function headerOf(name: string, size: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  header.write(name, 0, mostNameBytes);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  if (size < octalEnd) header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/**
 * Name and size that a header gives; nothing for a header that `headerOf` would not have written: no links, no devices, no
 * paths in a prefix, no extensions.
 */
export function readHeader(header: Buffer): { readonly name: string; readonly size: number } | undefined {
  const end = header.indexOf(0);
  const name = header.toString('latin1', 0, end < 0 ? mostNameBytes : Math.min(end, mostNameBytes));
  const octal = /^[0-7]{11}$/.exec(header.toString('latin1', 124, 135))?.[0];
  const size = octal === undefined ? Number(header.readBigUInt64BE(128)) : Number.parseInt(octal, 8);
  const isOurs = name !== '' && Number.isSafeInteger(size) && headerOf(name, size).equals(header);
  return isOurs ? { name, size } : undefined;
}
