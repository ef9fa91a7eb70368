import { Failed } from '#engine';
import { isCurrent, type Lockfile } from '../documents/lockfile.ts';
import { lockOf, type Project } from './open-project.ts';

/** The lockfile of a version, which must be of it as it is now: what is made of anything else would be of nobody's wish. */
export function currentLock(project: Project): Lockfile {
  const { id } = project.version;
  const lock = lockOf(project);
  const file = `lockfiles/${id}.lock.json`;
  const hint = `run \`pipeline validate ${id}\``;
  if (lock === undefined) throw new Failed({ kind: 'absent', what: file, hint });
  if (isCurrent(lock, project.version)) return lock;
  throw new Failed({ kind: 'document', file, problem: 'It is not of this version any more', hint });
}
