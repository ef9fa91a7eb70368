import { type BinaryToTextEncoding, createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

import type { Content } from '#cache';

/** Shared by all readings: it is filled and hashed without a pause between. */
const buffer = Buffer.allocUnsafeSlow(1024 * 1024);

/** How much is read before everything else gets a turn. */
const spellBytes = 32 * 1024 * 1024;

/** The digest and the size in bytes of one file of any length. */
export async function fileDigest(
  path: string,
  algorithm = 'sha256',
  encoding: BinaryToTextEncoding = 'hex',
): Promise<{ readonly digest: string; readonly size: number }> {
  const file = openSync(path, 'r');
  try {
    const digest = createHash(algorithm);
    let size = 0;
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
      digest.update(buffer.subarray(0, read));
      const spells = Math.floor(size / spellBytes);
      size += read;
      if (Math.floor(size / spellBytes) > spells) await setImmediate();
    }
    return { digest: digest.digest(encoding), size };
  } finally {
    closeSync(file);
  }
}

/** What is in a file of any length. */
export async function readContent(path: string): Promise<Content> {
  const { digest, size } = await fileDigest(path);
  return { sha256: digest, size };
}
