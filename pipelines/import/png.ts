import { crc32, inflateSync } from 'node:zlib';

import { Failed } from '#engine';

const signature = Buffer.from('89504e470d0a1a0a', 'hex');
const maxTextBytes = 10 * 1024 * 1024;

/** Whether bytes begin as a PNG does. */
export const isPng = (bytes: Buffer): boolean => bytes.subarray(0, signature.length).equals(signature);

/**
 * The texts in a PNG that have one of these keywords, by keyword; of several the first. Whatever the file says of itself is
 * checked before it is believed: lengths, checksums, and how much a compressed text unfolds to (10 MB).
 */
export function pngTexts(bytes: Buffer, keywords: readonly string[], name: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { type, data } of chunksOf(bytes, name)) {
    const end = data.subarray(0, 80).indexOf(0);
    const keyword = end < 0 ? '' : data.toString('latin1', 0, end);
    if (keywords.includes(keyword) && !texts.has(keyword))
      texts.set(keyword, textIn(type, data.subarray(end + 1), name));
  }
  return texts;
}

/** The chunks that hold text. */
function* chunksOf(bytes: Buffer, name: string): Generator<{ readonly type: string; readonly data: Buffer }> {
  for (let at = signature.length; ;) {
    if (bytes.length - at < 12) throw broken(name, 'it ends before its last chunk');
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 8 + length;
    if (end + 4 > bytes.length)
      throw broken(name, `a chunk says that it is ${length} bytes long, and the file ends before`);
    if (type === 'IEND') return;
    if (['tEXt', 'zTXt', 'iTXt'].includes(type)) {
      if (length > maxTextBytes) throw broken(name, 'a text in it is longer than 10 MB');
      if (crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end))
        throw broken(name, 'the checksum of a text in it is wrong');
      yield { type, data: bytes.subarray(at + 8, end) };
    }
    at = end + 4;
  }
}

/** What stands behind the keyword: Latin-1, the same compressed, or UTF-8 behind a language and a translated keyword. */
function textIn(type: string, data: Buffer, name: string): string {
  if (type === 'tEXt') return data.toString('latin1');
  if (type === 'zTXt') return inflated(data.subarray(1), name).toString('latin1');
  const isCompressed = data[0] === 1;
  const language = data.indexOf(0, 2);
  const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
  if (translated < 0) throw broken(name, 'a text in it has no beginning');
  const text = data.subarray(translated + 1);
  return (isCompressed ? inflated(text, name) : text).toString('utf8');
}

function inflated(data: Buffer, name: string): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: maxTextBytes });
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw broken(name, tooLong ? 'a text in it unfolds to more than 10 MB' : 'a compressed text in it is damaged');
  }
}

const broken = (name: string, because: string): Failed => new Failed({ kind: 'refused', what: name, because });
