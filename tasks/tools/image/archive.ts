import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { breathe, type Store } from '#cache';
import { Failed, type Image, type Written } from '#engine';

import { endBytes, headerOf, paddingOf } from '../bundle/tar.ts';
import { writeAll } from '../write-all.ts';
import { filesOf, type ImageFile } from './files.ts';

/**
 * Writes an image as one file, as `docker save` does: whole or not at all, the same bytes for the same image. A file of that name
 * is replaced.
 */
export async function writeArchive(
  image: Image,
  { file, tag }: { readonly file: string; readonly tag: string },
  seams: {
    readonly store: Store;
    readonly signal: AbortSignal;
    readonly progress: (done: number, total: number) => void;
  },
): Promise<Written> {
  const { manifest, named } = filesOf(image, seams.store);
  const config = image.config.file.slice('blob:'.length);
  const nameOf = ({ sha256 }: Pick<ImageFile, 'sha256'>): string => `${sha256}${sha256 === config ? '.json' : '.tar'}`;
  const layers = image.layers.map((layer) => nameOf({ sha256: layer.file.slice('blob:'.length) }));
  const table = Buffer.from(JSON.stringify([{ Config: nameOf({ sha256: config }), RepoTags: [tag], Layers: layers }]));
  const members = [
    ...named.map((member) => ({ name: nameOf(member), ...member })),
    { name: 'manifest.json', size: table.length, text: table },
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  mkdirSync(dirname(file), { recursive: true });
  const draft = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    await writeMembers(members, draft, seams);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  const bytes = named.reduce((sum, { size }) => sum + size, 0);
  return { digest: `sha256:${manifest.sha256}`, sent: named.length, there: 0, bytes };
}

type Member = { readonly name: string; readonly size: number } & (
  | { readonly path: string }
  | { readonly text: Buffer }
);

async function writeMembers(
  members: readonly Member[],
  path: string,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (done: number, total: number) => void },
): Promise<void> {
  const total = members.reduce((sum, { size }) => sum + size, 0);
  const out = openSync(path, 'wx', 0o644);
  let at = 0;
  const write = (chunk: Uint8Array): void => {
    if (signal.aborted) throw new Failed({ kind: 'cancelled' });
    writeAll(out, chunk, at, path);
    at += chunk.length;
    progress(Math.min(at, total), total);
  };
  try {
    for (const member of members) {
      write(headerOf(member.name, member.size));
      if ('text' in member) write(member.text);
      else await eachPiece(member.path, write);
      write(Buffer.alloc(paddingOf(member.size)));
    }
    write(Buffer.alloc(endBytes));
    fsyncSync(out);
  } finally {
    closeSync(out);
  }
}

const buffer = Buffer.allocUnsafeSlow(1024 * 1024);

/** Hands a file over piece by piece; each is only good until the next one comes. */
async function eachPiece(path: string, take: (piece: Uint8Array) => void): Promise<void> {
  const input = openSync(path, 'r');
  try {
    for (;;) {
      const length = readSync(input, buffer, 0, buffer.length, null);
      if (length === 0) return;
      take(buffer.subarray(0, length));
      await breathe();
    }
  } finally {
    closeSync(input);
  }
}
