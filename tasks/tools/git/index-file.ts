import { createHash } from 'node:crypto';

import type { TreeEntry } from './tree.ts';

/** What git keeps of a file's times, owner, inode and size: forty bytes of zero mean "look for yourself". */
const unknownStat = 40;
const longestLength = 0xfff;

/**
 * The bytes of git's index (version 2) for these entries, in the order of `readTree`. Nothing of this machine or this
 * minute is in them: the first `git status` fills it in.
 */
export function renderIndex(entries: readonly TreeEntry[]): Buffer {
  const header = Buffer.alloc(12);
  header.write('DIRC');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(entries.length, 8);
  const bytes = Buffer.concat([header, ...entries.map(renderEntry)]);
  const algorithm = entries[0]?.id.length === 64 ? 'sha256' : 'sha1';
  return Buffer.concat([bytes, createHash(algorithm).update(bytes).digest()]);
}

function renderEntry({ path, mode, id }: TreeEntry): Buffer {
  const name = Buffer.from(path);
  const flags = unknownStat + id.length / 2;
  const length = flags + 2 + name.length;
  // One to eight bytes of zero end the name and fill the entry up to a multiple of eight.
  const entry = Buffer.alloc(length + 8 - (length % 8));
  entry.writeUInt32BE(Number.parseInt(mode, 8), 24);
  entry.write(id, unknownStat, 'hex');
  entry.writeUInt16BE(Math.min(name.length, longestLength), flags);
  name.copy(entry, flags + 2);
  return entry;
}
