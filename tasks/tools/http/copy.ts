import { createHash } from 'node:crypto';
import { constants, rmSync, statSync } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';

import { Failed } from '#engine';

import { assertRoom, assertWanted, type Found, otherSize, type Wanted } from './incoming.ts';
import type { Meter } from './meter.ts';

const bufferBytes = 1024 * 1024;

/**
 * Copies a local file to `to` (absent), as a reflink where the volume can, and hashes the copy.
 * Throws Failed (absent, integrity, disk, cancelled).
 */
export async function copyIn(
  from: string,
  wanted: Wanted,
  { signal, meter }: { readonly signal: AbortSignal; readonly meter: Meter },
): Promise<Found> {
  const stats = statSync(from, { throwIfNoEntry: false });
  if (!stats?.isFile()) throw new Failed({ kind: 'absent', what: from, hint: 'it must be a file on this machine' });
  if (wanted.size !== undefined && wanted.size !== stats.size) throw otherSize(from, wanted.size, stats.size);
  assertRoom(wanted.to, stats.size);
  await copyFile(from, wanted.to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  try {
    const found = await hashOf(wanted.to, signal, (done) => meter.moved(done, stats.size, 0));
    assertWanted(found, wanted, from);
    return found;
  } catch (error) {
    rmSync(wanted.to, { force: true });
    throw error;
  }
}

async function hashOf(path: string, signal: AbortSignal, onRead: (done: number) => void): Promise<Found> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(bufferBytes);
  await using file = await open(path);
  for (let size = 0; ;) {
    if (signal.aborted) throw new Failed({ kind: 'cancelled' });
    const { bytesRead } = await file.read(buffer, 0, bufferBytes, size);
    if (bytesRead === 0) return { sha256: hash.digest('hex'), size };
    hash.update(buffer.subarray(0, bytesRead));
    size += bytesRead;
    onRead(size);
  }
}
