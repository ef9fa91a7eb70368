import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { bestEffort, withPath } from './disk-error.ts';
import { isGone, type Owner, thisProcess } from './owner.ts';

/** A directory of things that are not finished. Every name in it says whose it is. */
export interface Temps {
  /** A path in it that nobody else uses. */
  readonly fresh: () => string;
  /** Writes a small file so that `path` holds either all of it or what it held before. Not durable by itself. */
  readonly write: (path: string, text: string) => void;
  /** Removes, once in a process, what processes that are gone have left. */
  readonly sweep: () => Promise<void>;
}

/** Temps in `directory`, on the volume where the finished things go. */
export function openTemps(directory: string): Temps {
  let swept: Promise<void> | undefined;
  const fresh = (): string => {
    mkdirSync(directory, { recursive: true });
    return join(directory, nameFor(thisProcess()));
  };
  return {
    fresh,
    write(path, text) {
      const temp = fresh();
      try {
        writeFileSync(temp, text, { flag: 'wx' });
        mkdirSync(dirname(path), { recursive: true });
        renameSync(temp, path);
      } catch (error) {
        bestEffort(() => rmSync(temp, { force: true }));
        throw withPath(error, path);
      }
    },
    sweep: () => (swept ??= sweepTemps(directory)),
  };
}

/**
 * Removes what processes that are gone have left in a directory of temps. A child of one that was killed may write there for a
 * moment longer, hence the retries.
 */
export async function sweepTemps(directory: string): Promise<void> {
  let names: readonly string[] = [];
  bestEffort(() => (names = readdirSync(directory)));
  for (const name of names) {
    const owner = ownerIn(name);
    // A name that is not of our making stays, whatever it is.
    if (owner && isGone(owner, directory))
      await rm(join(directory, name), { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}

/** A fresh name that says whose it is. */
export const nameFor = ({ boot, space, pid, start }: Owner): string =>
  `${boot}.${space}.${pid}.${start}.${randomBytes(4).toString('hex')}`;

const pattern = /^(?<boot>[0-9a-f]{8})\.(?<space>\d+)\.(?<pid>\d+)\.(?<start>\d+)\.[0-9a-f]{8}$/;

/** Whose a name is; undefined for one that is not of our making. */
export function ownerIn(name: string): Owner | undefined {
  const { boot, space, pid, start } = pattern.exec(name)?.groups ?? {};
  if (boot === undefined || space === undefined || pid === undefined || start === undefined) return undefined;
  return { boot, space, pid: Number(pid), start };
}
