import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';

import { breathe } from '#cache';
import type { Item } from './item.ts';
import { parentOf } from './path.ts';
import type { Want } from './wanted.ts';

/** What was laid out, absolute, for whoever makes it durable. Sizes in bytes. */
export interface Laid {
  readonly files: { readonly path: string; readonly size: number }[];
  readonly directories: Set<string>;
}

/** From this size on a copy is left to a thread, so that downloads and heartbeats go on meanwhile. */
const large = 8 * 1024 * 1024;

/** Lays wants out below `into` (a directory), each at its path. `link` places what nobody edits. */
export async function materialise(
  wants: Iterable<readonly [string, Want]>,
  into: string,
  link: (from: string, to: string) => void,
): Promise<Laid> {
  const laid: Laid = { files: [], directories: new Set() };
  let turns = 0;
  for (const [path, want] of singly(wants)) {
    if ((turns += 1) % 100 === 0) await breathe();
    const to = `${into}/${path}`;
    makeDirectory(parentOf(to), laid);
    await place(want, to, { laid, link });
  }
  return laid;
}

/** Takes each `.git` apart. Its files are copied: git appends to some of them in place. */
function* singly(wants: Iterable<readonly [string, Want]>): Generator<readonly [string, Want]> {
  for (const [path, want] of wants) {
    const { source } = want;
    if (source.from !== 'git') yield [path, want];
    else
      for (const entry of source.entries) {
        const item: Item = entry.type === 'file' ? { ...entry, executable: (entry.mode & 0o100) !== 0 } : entry;
        yield [
          `${path}/${entry.path}`,
          { item, source: { from: 'store', path: `${source.path}/${entry.path}`, how: 'copy' } },
        ];
      }
  }
}

async function place(
  { item, source }: Want,
  to: string,
  { laid, link }: { readonly laid: Laid; readonly link: (from: string, to: string) => void },
): Promise<void> {
  if (item.type === 'directory') return makeDirectory(to, laid);
  if (item.type === 'link') return symlinkSync(item.to, to);
  if (item.type === 'git') return;
  laid.files.push({ path: to, size: item.size });
  const mode = item.executable ? 0o755 : 0o644;
  if (source.from === 'text') writeFileSync(to, source.text);
  else if (source.from !== 'store') return;
  // An empty file shared by all would soon have as many links as a volume allows.
  else if (item.size === 0) writeFileSync(to, '');
  else if (source.how === 'link') return link(source.path, to);
  else if (item.size < large) copyFileSync(source.path, to);
  else await copyFile(source.path, to);
  chmodSync(to, mode);
}

function makeDirectory(path: string, { directories }: Laid): void {
  if (directories.has(path)) return;
  mkdirSync(path, { recursive: true });
  directories.add(path);
}
