import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { Failed } from '#engine';
import { layoutOf } from '../../tasks/tools/site/layout.ts';
import { isDirectory, look } from '../../tasks/tools/site/look.ts';
import { isMountPoint } from '../../tasks/tools/site/mount.ts';
import { openReceipts } from '../../tasks/tools/site/receipts.ts';

/** Directories that are no target, absolute, links resolved; undefined where there is none. */
export interface Others {
  readonly home: string | undefined;
  readonly cache: string | undefined;
  readonly models: string | undefined;
}

/** Throws `refused` unless a directory (absolute, links resolved) is a target of ours, of this version, and nothing more than that. */
export function refuseDelete(target: string, id: string, others: Others): void {
  const because = faultOf(target, others);
  const refuse = (reason: string, hint: string): Failed =>
    new Failed({ kind: 'refused', what: `to delete ${target}`, because: reason, hint });
  if (because !== undefined) throw refuse(because, 'nothing was deleted; is another --target meant?');
  const version = versionIn(target);
  if (version !== undefined && version !== id)
    throw refuse(
      `it is a target of ${version}, not of ${id}`,
      `\`pipeline delete ${version} --target ${target}\` would delete it`,
    );
}

function faultOf(target: string, { home, cache, models }: Others): string | undefined {
  const holds = (path: string | undefined): boolean => path !== undefined && isWithin(target, path);
  if (target === '/') return 'it is the root of the file system';
  if (target === home) return 'it is your home directory';
  if (holds(home)) return 'your home directory is in it';
  if (target === cache) return 'it is the cache';
  if (cache !== undefined && isWithin(cache, target)) return 'it is in the cache';
  if (target === models) return 'it is the directory of models';
  if (isMountPoint(target)) return 'something is mounted there';
  const { marker } = layoutOf(target);
  if (!isOurs(marker)) return 'pipeline did not make it: it has no .pipeline/target.json';
  if (isSomebodysCheckout(target)) return 'it is a git work tree that pipeline did not make';
  return undefined;
}

const isWithin = (directory: string, path: string): boolean => path === directory || path.startsWith(`${directory}/`);

const isOurs = (marker: string): boolean => isDirectory(dirname(marker)) && look(marker)?.isFile() === true;

/** A core is placed with a `.git`, and then a receipt lists it. */
function isSomebodysCheckout(target: string): boolean {
  if (look(`${target}/.git`) === undefined) return false;
  const receipts = openReceipts(layoutOf(target));
  return !receipts
    .slots()
    .some((slot) => receipts.head(slot)?.base === '' && receipts.receipt(slot)?.listing.has('.git'));
}

/** The version that a target was made last; undefined when nothing took effect there yet. */
function versionIn(target: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(layoutOf(target).current, 'utf8')) as { readonly version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
