import { constants, copyFileSync, linkSync, lstatSync, realpathSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { blobOf, type KnownHashes, type Store, withPath } from '#cache';
import { Failed, type OwnModels, type Report } from '#engine';

import { digestOf } from './http/digest-of.ts';
import { openMeter } from './http/meter.ts';

interface Places {
  /** Where a person may have put models: MODELS_DIR, and the target. */
  readonly directories: readonly string[];
  readonly store: Store;
  readonly hashes: KnownHashes;
  readonly scratch: () => Promise<string>;
  readonly report: Pick<Report, 'note' | 'progress'>;
  readonly signal: AbortSignal;
}

/** Models that somebody put on this machine by hand. They stay where they are; the store shares their bytes. */
export const openOwnModels = ({ directories, store, hashes, scratch, report, signal }: Places): OwnModels => ({
  async adopt({ path, sha256, size }) {
    const blob = blobOf(sha256);
    if (lstatSync(store.pathOf(blob), { throwIfNoEntry: false }) !== undefined) return undefined;
    const meter = openMeter({ onProgress: (done, of) => report.progress(done, of, 'bytes') });
    for (const file of new Set(directories.flatMap((directory) => fileAt(join(directory, path), size)))) {
      const before = look(file);
      const { size: total } = statSync(file);
      const going = { signal, onRead: (done: number): void => meter.moved(done, total, 0) };
      const found = await hashes.hash(file, async () => (await digestOf(file, 'sha256', going)).digest);
      meter.flush();
      if (found !== sha256) {
        report.note('info', `${file} is not the model that is locked: it stays, and the locked one is fetched`);
        continue;
      }
      const to = join(await scratch(), 'model');
      const shared = share(file, to);
      if (shared === undefined) await copy(file, to, going);
      meter.flush();
      // Who wrote to it meanwhile has another file now.
      if (look(file) === before)
        return store.keepFile(to, { sha256, size: statSync(to).size, isShared: shared === 'linked' });
    }
    return undefined;
  },
});

/** The file that a path leads to, when it is of that size; none where nothing is there. */
function fileAt(path: string, size: number | undefined): readonly string[] {
  try {
    const file = realpathSync(path);
    const stat = statSync(file);
    return stat.isFile() && stat.size > 0 && (size ?? stat.size) === stat.size ? [file] : [];
  } catch {
    return [];
  }
}

function look(file: string): string {
  const { size, mtimeNs, ino } = lstatSync(file, { bigint: true });
  return `${size} ${mtimeNs} ${ino}`;
}

/** One copy on the disk: blocks that are shared until somebody writes, else a second name. Undefined on another volume. */
function share(file: string, to: string): 'cloned' | 'linked' | undefined {
  try {
    copyFileSync(file, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return 'cloned';
  } catch {
    // The volume cannot, or is another one.
    rmSync(to, { force: true });
  }
  try {
    linkSync(file, to);
    return 'linked';
  } catch {
    return undefined;
  }
}

const bufferBytes = 1024 * 1024;

/** Copies a file of any size; others get their turn meanwhile. Throws Failed (cancelled), and the disk's faults. */
async function copy(
  from: string,
  to: string,
  { signal, onRead }: { readonly signal: AbortSignal; readonly onRead: (done: number) => void },
): Promise<void> {
  const buffer = Buffer.allocUnsafe(bufferBytes);
  await using source = await open(from);
  await using made = await open(to, 'wx');
  for (let done = 0; ;) {
    if (signal.aborted) throw new Failed({ kind: 'cancelled' });
    const { bytesRead } = await source.read(buffer, 0, bufferBytes, done);
    if (bytesRead === 0) return;
    await made.writeFile(buffer.subarray(0, bytesRead)).catch((error: unknown) => {
      throw withPath(error, to);
    });
    done += bytesRead;
    onRead(done);
  }
}
