import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { breathe } from '#cache';
import { Failed } from '#engine';

import { writeAll } from '../write-all.ts';
import { type Bundling, type FilePart, type Part, partsOf, type Wanted } from './parts.ts';
import { endBytes, headerOf, mostNameBytes, paddingOf } from './tar.ts';

/**
 * Writes a bundle: whole or not at all, the same bytes for the same content. Answers its size in bytes and how many files it
 * holds. Throws Failed (refused, absent, integrity, disk, cancelled).
 */
export async function writeBundle(wanted: Wanted, bundling: Bundling) {
  const { to } = wanted;
  if (existsSync(to))
    throw new Failed({
      kind: 'refused',
      what: `to replace ${to}`,
      because: 'it is there already',
      hint: 'remove it, or give another --output',
    });
  const parts = await partsOf(wanted, bundling);
  const long = parts.find(({ name }) => Buffer.byteLength(name) > mostNameBytes);
  if (long !== undefined)
    throw new Failed({ kind: 'refused', what: long.name, because: 'its name is too long for a tar' });
  mkdirSync(dirname(to), { recursive: true });
  const draft = join(dirname(to), `.${basename(to)}.${randomUUID()}`);
  try {
    const bytes = await writeParts(parts, draft, bundling);
    renameSync(draft, to);
    return { bytes, files: parts.filter((part) => 'file' in part).length };
  } finally {
    rmSync(draft, { force: true });
  }
}

async function writeParts(parts: readonly Part[], path: string, { signal, onProgress }: Bundling): Promise<number> {
  const total = parts.reduce(
    (sum, part) => sum + headerOf('', 0).length + sizeOf(part) + paddingOf(sizeOf(part)),
    endBytes,
  );
  const out = openSync(path, 'wx', 0o644);
  let at = 0;
  const write = (chunk: Uint8Array): void => {
    if (signal.aborted) throw new Failed({ kind: 'cancelled' });
    writeAll(out, chunk, at, path);
    at += chunk.length;
    onProgress(at, total);
  };
  try {
    for (const part of parts) {
      write(headerOf(part.name, sizeOf(part)));
      if ('file' in part) await copyFile(part, write);
      else write(Buffer.from(part.text));
      write(Buffer.alloc(paddingOf(sizeOf(part))));
    }
    write(Buffer.alloc(endBytes));
    fsyncSync(out);
    return at;
  } finally {
    closeSync(out);
  }
}

const buffer = Buffer.allocUnsafeSlow(1024 * 1024);

/** Copies a stored file, and takes its hash on the way: a bundle must not carry damage to where nothing can be made again. */
async function copyFile(part: FilePart, write: (chunk: Uint8Array) => void): Promise<void> {
  const input = openSync(part.file, 'r');
  try {
    const hash = createHash('sha256');
    if (fstatSync(input).size !== part.size) throw damaged(part, 'another size');
    for (let done = 0; done < part.size;) {
      const length = readSync(input, buffer, 0, Math.min(buffer.length, part.size - done), done);
      if (length === 0) throw damaged(part, 'an early end');
      const chunk = buffer.subarray(0, length);
      hash.update(chunk);
      write(chunk);
      done += length;
      await breathe();
    }
    const actual = hash.digest('hex');
    if (actual !== part.sha256) throw damaged(part, `sha256 ${actual}`);
  } finally {
    closeSync(input);
  }
}

const damaged = ({ file, sha256 }: FilePart, actual: string): Failed =>
  new Failed({
    kind: 'integrity',
    what: file,
    expected: `sha256 ${sha256}`,
    actual,
    hint: 'it was changed in the store: run again',
  });

const sizeOf = (part: Part): number => ('file' in part ? part.size : Buffer.byteLength(part.text));
