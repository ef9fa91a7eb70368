import { readdirSync, readFileSync } from 'node:fs';

import { commitAt } from './git-directory.ts';

/** What an index has before the name of a file: what `lstat` showed, the mode at 24, the object's id, two bytes of flags. */
const stat = 40;
const modeAt = 24;
const longestLength = 0xfff;
const isExtended = 0x4000;
const [gitlink, directory] = [0o160000, 0o040000];

/**
 * The paths that a checkout tracks, counted from its top, as the index of its `.git` has them: read as a file, for git itself
 * would follow the settings of whoever made it. Empty where that cannot be read. Submodules are left out.
 */
export function trackedIn(git: string): readonly string[] {
  const idBytes = commitAt(git).length === 64 ? 32 : 20;
  const paths = new Set<string>();
  try {
    // A split index has most of its entries in a second file.
    const names = readdirSync(git).filter((name) => name === 'index' || name.startsWith('sharedindex.'));
    for (const name of names) for (const path of pathsIn(readFileSync(`${git}/${name}`), idBytes)) paths.add(path);
  } catch {
    return [];
  }
  return [...paths];
}

function* pathsIn(bytes: Buffer, idBytes: number): Generator<string> {
  if (bytes.toString('latin1', 0, 4) !== 'DIRC') return;
  const [version, count] = [bytes.readUInt32BE(4), bytes.readUInt32BE(8)];
  let [at, before]: [number, Buffer] = [12, Buffer.alloc(0)];
  for (let n = 0; n < count; n += 1) {
    const flagsAt = at + stat + idBytes;
    const flags = bytes.readUInt16BE(flagsAt);
    const nameAt = flagsAt + ((flags & isExtended) === 0 ? 2 : 4);
    const { name, next } = version === 4 ? shortened(bytes, nameAt, before) : padded(bytes, at, nameAt, flags);
    const kind = bytes.readUInt32BE(at + modeAt) & 0o170000;
    if (name.length > 0 && kind !== gitlink && kind !== directory) yield name.toString();
    [at, before] = [next, name];
  }
}

/** Versions 2 and 3: one to eight bytes of zero end a name and fill the entry up to a multiple of eight. */
function padded(bytes: Buffer, at: number, nameAt: number, flags: number) {
  const length = flags & longestLength;
  const end = length === longestLength ? bytes.indexOf(0, nameAt) : nameAt + length;
  return { name: bytes.subarray(nameAt, end), next: end + 8 - ((end - at) % 8) };
}

/** Version 4: how many bytes of the name before are dropped, and what follows the rest. */
function shortened(bytes: Buffer, nameAt: number, before: Buffer) {
  let at = nameAt;
  let dropped = 0;
  for (;;) {
    const byte = bytes.readUInt8(at);
    dropped = dropped * 128 + (byte & 0x7f);
    at += 1;
    if ((byte & 0x80) === 0) break;
    dropped += 1;
  }
  const end = bytes.indexOf(0, at);
  const name = Buffer.concat([before.subarray(0, before.length - dropped), bytes.subarray(at, end)]);
  return { name, next: end + 1 };
}
