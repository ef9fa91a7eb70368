import { closeSync, fsync, mkdirSync, openSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';

import { codeOf, withPath } from './disk-error.ts';
import { openVolumeFlush } from './flush-volume.ts';
import { groupCommit } from './group-commit.ts';

/** Makes what was written survive a power cut. Every method throws when the disk does not confirm it: that is final. */
export interface Durability {
  /** The bytes of files, which may be gone through more than once, and the names in directories. */
  settle(what: { readonly files: Iterable<SizedFile>; readonly directories: readonly string[] }): Promise<void>;
  /** The names in one directory: after a rename into it. */
  settleNames(directory: string): Promise<void>;
  /** Makes a directory and those above it that are missing. */
  makeDirectory(path: string): Promise<void>;
}

/** A file and its size in bytes. */
export interface SizedFile {
  readonly path: string;
  readonly size: number;
}

/** From this size on a file is flushed by itself, so that nobody who shares a flush waits for it. */
const large = 64 * 1024 * 1024;

/** Up to this many flushes one by one are quicker than one of the volume, for which a shell has to be started first. */
const few = 64;

/** What statfs calls a FUSE volume. Flushing the whole of one need not reach the server behind it. */
const fuse = 0x65735546;

const unconfirmed = 'EIO';

/** Durability on the volume that holds `root` (an existing directory by the time something is settled). */
export function openDurability(root: string): Durability {
  let grouping: boolean | undefined;
  const flushVolume = groupCommit(openVolumeFlush(root));
  const settleTogether = async (paths: Iterable<string>): Promise<void> => {
    grouping ??= process.platform === 'linux' && statfsSync(root).type !== fuse;
    if (!grouping || isFew(paths)) return flushEach(paths);
    try {
      await flushVolume();
    } catch (error) {
      if (codeOf(error) === unconfirmed) throw error;
      // The child could not be started: this machine has no `sync`, or no room for a process.
      await flushEach(paths);
    }
  };
  return {
    async settle({ files, directories }) {
      await flushEach(pathsOf(files, isLarge));
      await settleTogether({
        *[Symbol.iterator]() {
          yield* pathsOf(files, (file) => !isLarge(file));
          yield* directories;
        },
      });
    },
    settleNames: flush,
    async makeDirectory(path) {
      const first = mkdirSync(path, { recursive: true });
      if (first === undefined) return;
      for (let made = resolve(path); ; made = dirname(made)) {
        await flush(dirname(made));
        if (made === resolve(first)) return;
      }
    },
  };
}

const isLarge = (file: SizedFile): boolean => file.size >= large;

/** The paths of some files. Those of all would take more memory than anything else. */
function* pathsOf(files: Iterable<SizedFile>, which: (file: SizedFile) => boolean): Generator<string> {
  for (const file of files) if (which(file)) yield file.path;
}

const isFew = (paths: Iterable<string>): boolean => Iterator.from(paths).drop(few).next().done === true;

/** Four at a time: as many as the runtime has threads for it. */
async function flushEach(paths: Iterable<string>): Promise<void> {
  const left = Iterator.from(paths);
  const worker = async (): Promise<void> => {
    for (const path of left) await flush(path);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

/** Only what waits for the disk goes to another thread. */
async function flush(path: string): Promise<void> {
  const file = openSync(path, 'r');
  try {
    await flushFile(file);
  } catch (error) {
    // Some volumes cannot flush a directory; they say so, and there is nothing more to be had.
    if (codeOf(error) !== 'EINVAL') throw withPath(error, path);
  } finally {
    closeSync(file);
  }
}

const flushFile = promisify(fsync);
