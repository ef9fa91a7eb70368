import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { Failed } from '#engine';
import { idOfLock } from '../documents/generation-1.ts';
import { generationOfLock } from '../documents/generation-1-lock.ts';
import { nameIn } from '../documents/ids.ts';
import { parseLockfile } from '../documents/lockfile.ts';
import { readText } from '../documents/json.ts';

/** The documents that a command means, as the command line names them. */
export interface Meant {
  /** What `readVersion` is asked for. `lock` is a generation 1 lock. */
  readonly version: ({ readonly id: string } | { readonly file: string }) & { readonly lock?: string };
  /** A lockfile of ours that is meant instead of the version's own: an absolute path. */
  readonly lockfile?: string;
}

/** Which version, and which lockfile. A lock of generation 1 is a part of the version; one of ours may say its id. */
export function whichVersion(
  { root, cwd }: { readonly root: string; readonly cwd: string },
  { id, spec, lock }: { readonly id?: string; readonly spec?: string; readonly lock?: string },
): Meant {
  const file = lock === undefined ? undefined : findLock(lock, [cwd, root]);
  const isOld = file !== undefined && generationOfLock(file, nameIn(root, file)) === 1;
  const own = file === undefined || isOld ? {} : { lockfile: file };
  const old = isOld ? { lock: file } : {};
  if (spec !== undefined) return { version: { file: resolve(cwd, spec), ...old }, ...own };
  if (id !== undefined) return { version: { id, ...old }, ...own };
  if (file === undefined)
    throw new Failed({ kind: 'usage', problem: 'Which version?', hint: 'write `pipeline realize <id>`' });
  const named = isOld ? idOfLock(file) : parseLockfile(readText(file), nameIn(root, file)).version_id;
  if (named !== undefined) return { version: { id: named, ...old }, ...own };
  const problem = `Which version is ${lock} of? Its name is not comfy-<id>.lock.json`;
  throw new Failed({ kind: 'usage', problem, hint: 'add --version-id <id>' });
}

function findLock(lock: string, directories: readonly string[]): string {
  const found = directories.map((directory) => resolve(directory, lock)).find((file) => existsSync(file));
  if (found === undefined) throw new Failed({ kind: 'absent', what: lock });
  return found;
}
