import { Failed } from '#engine';
import { isNormal, isRecord } from './path.ts';

/** A path below the target, normal and none of our records; `` and `.` are the target itself. Throws `refused` for any other. */
export function plainPath(path: string, what: string): string {
  if (path === '' || path === '.') return '';
  if (isNormal(path) && !isRecord(path)) return path;
  throw refusedPath(path, what);
}

/** What is thrown for a path that leads where nothing may be written. */
export const refusedPath = (path: string, what: string): Failed =>
  new Failed({ kind: 'refused', what: `${what} at ${JSON.stringify(path)}`, because: 'nothing may be placed there' });
