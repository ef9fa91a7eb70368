import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { type Circumstances, localEnvironment, type Ran, runGit } from './command.ts';
import type { Mirror } from './mirror.ts';

/**
 * Writes one pack of a commit and all of its files below `objects`: the same bytes, whatever packs the mirror has. git
 * stops when an object is missing, so a pack is also the proof that the mirror holds the whole commit.
 */
export async function packCommit(
  mirror: Mirror,
  commit: string,
  objects: string,
  { environment, signal }: Pick<Circumstances, 'environment' | 'signal'>,
): Promise<Ran> {
  // An attempt that failed may have left half a pack.
  rmSync(objects, { recursive: true, force: true });
  mkdirSync(join(objects, 'pack'), { recursive: true });
  return await runGit(
    [
      'pack-objects',
      '--revs',
      // Deltas save little within a single commit, and the least compression is near the best in a third of the time.
      '--window=0',
      '--compression=1',
      '--no-reuse-object',
      '--threads=1',
      '--index-version=2',
      '-q',
      join(objects, 'pack/pack'),
    ],
    {
      directory: objects,
      environment: {
        ...localEnvironment(environment, mirror.path),
        // Written here and only read there: nothing of this is left in the mirror, which may be on another volume.
        GIT_OBJECT_DIRECTORY: objects,
        GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(join(mirror.path, 'objects')),
      },
      signal,
      input: `--shallow ${commit}\n${commit}\n`,
    },
  );
}
