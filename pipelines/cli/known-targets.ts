import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import { recentRuns } from '#cache';
import { Failed } from '#engine';
import { realizedAt } from '../../tasks/tools/site/history.ts';
import { versionIds } from '../documents/ids.ts';
import { disk, findCache, findRoot } from '../documents/paths.ts';
import type { Around } from './around.ts';
import { realizedIn } from './facts-of.ts';
import { whichTarget } from './which-target.ts';

/** Where versions are realized on this machine: targets of runs, the latest first, then the usual ones of the project's versions. */
export function knownTargets(around: Around): readonly string[] {
  const { path: cache } = findCache({ ...around, probe: disk });
  const ran = [...recentRuns(join(cache, 'recent'))].flatMap((run) => realizedIn(run)?.target ?? []);
  const usual = versionIds(findRoot({ ...around, probe: disk }).path).flatMap((id) => usualTarget(around, id));
  // Two names of one directory are one target.
  const targets = new Map<string, string>();
  for (const target of [...ran, ...usual]) {
    const real = existsSync(target) ? realpathSync(target) : undefined;
    if (real !== undefined && !targets.has(real)) targets.set(real, target);
  }
  return [...targets.values()].filter((target) => realizedAt(target) !== undefined);
}

/** None where the version cannot be read: whoever asks for it by name is told why. */
function usualTarget(around: Around, id: string): readonly string[] {
  try {
    return [whichTarget(around, id, {}).paths.target];
  } catch (error) {
    if (error instanceof Failed) return [];
    throw error;
  }
}
