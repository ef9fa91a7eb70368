import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

import { fine, type Finding, problem, warning } from './finding.ts';

/** A directory that realizing writes to, whether it exists or not: an absolute path, and the rule that chose it. */
export interface Room {
  readonly name: 'cache' | 'models' | 'target';
  readonly path: string;
  readonly because: string;
}

/** Less than this prevents anything; less than the other leaves no room for torch and a model. In bytes. */
const [least, roomy] = [64 * 2 ** 20, 10 * 2 ** 30];

/** A Python environment with torch has about 60,000 files. */
const fewFiles = 100_000;

/** Whether a room can be written, and what is left of its volume. */
export function volumeOf({ name, path, because }: Room): Finding {
  const about = name;
  const there = existing(path);
  const says = `${path} (${because})`;
  const denied = denialOf(there);
  if (denied !== undefined) return problem(about, `${says}: ${there} cannot be written (${denied})`, elsewhere[name]);
  const { bavail, bsize, files, ffree } = statfsSync(there);
  const free = bavail * bsize;
  const measured = { free_bytes: free, ...(files > 0 && { free_files: ffree }) };
  const left = `${says}, ${gigabytes(free)} free`;
  if (free < least) return problem(about, left, `free some space, or ${elsewhere[name]}`, measured);
  // Some volumes count no files.
  if (files > 0 && ffree < fewFiles)
    return warning(about, `${left}, but only ${ffree} more files`, `free some, or ${elsewhere[name]}`, measured);
  if (free < roomy)
    return warning(about, left, 'torch and a few models want 10 GB and more: free some space', measured);
  return fine(about, left, measured);
}

/** The nearest directory above a path that exists, or the path itself: what it will be on. */
export function existing(path: string): string {
  let directory = path;
  while (!existsSync(directory) && directory !== dirname(directory)) directory = dirname(directory);
  return directory;
}

const elsewhere: Readonly<Record<Room['name'], string>> = {
  cache: 'name another directory in COMFY_CACHE_ROOT',
  models: 'name another directory in MODELS_DIR or by --models-dir',
  target: 'choose another directory by --target',
};

function denialOf(directory: string): string | undefined {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
