import { realizedAt } from '../../tasks/tools/site/history.ts';
import { versionIds } from '../documents/ids.ts';
import { nearest } from '../documents/nearest.ts';
import { disk, findRoot } from '../documents/paths.ts';
import type { Around } from './around.ts';
import { knownTargets } from './known-targets.ts';

/** Of a version of the project, or of what is realized here. */
function meantId(around: Around, id: string): string | undefined {
  const realized = knownTargets(around).flatMap((target) => realizedAt(target)?.version ?? []);
  const ids = [...versionIds(findRoot({ ...around, probe: disk }).path), ...realized];
  return ids.includes(id) ? undefined : nearest(id, ids);
}

/** A hint for an id that nobody knows: before it stands the one that was probably meant. */
export function orMeant(around: Around, id: string, hint: string): string {
  const meant = meantId(around, id);
  return meant === undefined ? hint : `did you mean \`${meant}\`? If not, ${hint}`;
}
