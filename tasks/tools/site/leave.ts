import { rmdirSync, rmSync } from 'node:fs';

import { kept, layoutOf } from './layout.ts';

/**
 * Takes away the records of a target in which nothing is on record any more, the mark last, and the directory itself when
 * nothing is left in it. What was kept of the user's stays in `.pipeline/kept`.
 */
export function leaveTarget(target: string): void {
  const { records, marker, journal, receipts, staging, trash, history, current, lock } = layoutOf(target);
  for (const path of [journal, staging, trash, history, current, lock, receipts])
    rmSync(path, { recursive: true, force: true });
  rmSync(marker, { force: true });
  for (const directory of [`${target}/${kept}`, records, target]) removeEmpty(directory);
}

function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Somebody's files are in it, or it is somebody's working directory on a system that minds.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY'].includes(code ?? '')) throw error;
  }
}
