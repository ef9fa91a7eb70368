import { chmodSync, lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';

import { bestEffort } from './disk-error.ts';
import type { Place } from './layout.ts';

/** The mode of the small files beside objects: setting it again changes nothing but their change time. */
const usual = 0o644;

/** Notes that an object was used this moment: in the change time of its fingerprint, by the clock of the volume. */
export const markUsed = ({ seen }: Pick<Place, 'seen'>): void => bestEffort(() => chmodSync(seen, usual));

/**
 * When an object was last used, or came, in milliseconds by the clock of its volume; undefined when it is not there. Never to
 * be compared with the clock of a machine.
 */
export function usedAt({ object, seen }: Pick<Place, 'object' | 'seen'>): number | undefined {
  const came = look(object)?.ctimeMs;
  return came === undefined ? undefined : Math.max(came, look(seen)?.ctimeMs ?? 0);
}

/** When something at a path was last changed in any way, by the clock of its volume; undefined when nothing is there. */
export const touchedAt = (path: string): number | undefined => look(path)?.ctimeMs;

/**
 * What the clock of the store's volume says now, in milliseconds. It is read from a file that is there already, so that it
 * can be asked on a full disk. Throws where there is no store, or it cannot be written to.
 */
export function volumeNow(root: string): number {
  const file = join(root, 'format');
  chmodSync(file, usual);
  return lstatSync(file).ctimeMs;
}

const look = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });
