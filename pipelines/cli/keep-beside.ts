import { join } from 'node:path';

import { writeText } from '../documents/json.ts';
import { type Lockfile, renderLockfile } from '../documents/lockfile.ts';
import type { Project } from './open-project.ts';

/** Keeps what goes with a project's lockfile: the schemas that documents name, and the copy in the cache where the earlier tools look. */
export async function keepBeside(
  lock: Lockfile,
  { root, paths }: Pick<Project, 'root'> & { readonly paths: Pick<Project['paths'], 'cache'> },
): Promise<void> {
  const { keepSchema } = await import('../documents/keep-schema.ts');
  keepSchema(root, 'lockfiles');
  try {
    writeText(join(paths.cache, 'resolved', `${lock.version_id}.lock.json`), renderLockfile(lock));
  } catch {
    // A cache that cannot be written to is said where it matters; nothing of ours reads this.
  }
}
