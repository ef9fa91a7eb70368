import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { ActivePack, Packs } from '#engine';
import { leadsTo } from '../site/look.ts';
import { identify } from './identity.ts';
import { readTracking } from './tracking.ts';

/** The packs of a target. `isFormer` says of a path whether it is a clone of an earlier tool's. */
export const openPacks = (target: string, isFormer: (path: string) => boolean): Packs => ({
  active: async () => {
    const customNodes = join(target, 'custom_nodes');
    if (lstatSync(customNodes, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    const names = readdirSync(customNodes).filter((name) => !isNoPack.test(name));
    return names.toSorted().flatMap((name) => packAt(target, `custom_nodes/${name}`, isFormer));
  },
  async claimed(directory) {
    const at = join(target, directory);
    const isThere = lstatSync(at, { throwIfNoEntry: false })?.isDirectory() === true;
    const tracking = isThere && identify(at).kind === 'cnr' ? readTracking(at) : undefined;
    return tracking?.kind === 'list' ? [...tracking.paths, '.tracking'] : undefined;
  },
});

const isNoPack = /^\.|^__pycache__$|\.disabled$/;

function packAt(target: string, base: string, isFormer: (path: string) => boolean): readonly ActivePack[] {
  const at = join(target, base);
  const stat = lstatSync(at);
  if (stat.isSymbolicLink()) return isFormer(leadsTo(at)) ? [{ kind: 'former', base }] : [];
  if (!stat.isDirectory()) return [];
  const identity = identify(at);
  if (identity.kind === 'unknown') return [{ kind: 'unknown', base }];
  const { cnrId, name, version } = identity;
  return [{ kind: 'known', base, id: (cnrId ?? name).toLowerCase(), version }];
}
