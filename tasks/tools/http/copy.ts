import { constants, rmSync, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';

import { Failed } from '#engine';

import { digestOf } from './digest-of.ts';
import { assertRoom, assertWanted, type Found, otherSize, type Wanted } from './wanted.ts';
import type { Meter } from './meter.ts';

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
    const onRead = (done: number): void => meter.moved(done, stats.size, 0);
    const { digest: sha256, size } = await digestOf(wanted.to, 'sha256', { signal, onRead });
    const found = { sha256, size };
    assertWanted(found, wanted, from);
    return found;
  } catch (error) {
    rmSync(wanted.to, { force: true });
    throw error;
  }
}
