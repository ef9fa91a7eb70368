import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';

import type { Holder } from './claims.ts';
import { isSha256, sha256Of } from './digest.ts';
import { bestEffort, codeOf, withPath } from './disk-error.ts';
import { wordsOf } from './gc/words.ts';
import { isAlive, isGone, thisProcess } from './owner.ts';
import type { Temps } from './temps.ts';
import { touchedAt } from './use.ts';

/**
 * A lease on disk is a directory named after what is claimed, with one file in it: `<nonce>.<counter>`. The directory
 * appears whole, by a rename that only succeeds where none is. A heartbeat renames the file, so one of a lease that was
 * taken over fails and harms nobody; taking over unlinks the very name that stood still.
 */
export interface Lease {
  readonly directory: string;
  readonly nonce: string;
  counter: number;
}

/** The claim `name` as somebody found it: `file` is the path of the file in its directory. */
export interface Found {
  readonly directory: string;
  readonly file: string;
}

/** Takes the claim, or answers nothing when somebody holds it. `needs` is for `gc` to read. Throws the disk's faults. */
export function takeLease(directory: string, temps: Temps, needs?: string): Lease | undefined {
  const lease: Lease = { directory, nonce: randomBytes(8).toString('hex'), counter: 0 };
  const staged = temps.fresh();
  try {
    mkdirSync(staged);
    const names = needs === undefined ? {} : { needs: wordsOf(needs).join(' ') };
    const file = join(staged, fileOf(lease));
    writeFileSync(file, '');
    // When it began, by the clock of the volume: `gc` leaves alone what was used since.
    writeFileSync(file, JSON.stringify({ ...describeSelf(), began: touchedAt(file), ...names }));
    // An empty directory is a lease that was being given back; not every volume renames over one.
    bestEffort(() => rmdirSync(directory));
    renameSync(staged, directory);
    return lease;
  } catch (error) {
    bestEffort(() => rmSync(staged, { recursive: true, force: true }));
    if (['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) return undefined;
    throw withPath(error, directory);
  }
}

/** Shows that the holder lives. False when the lease is no longer ours. */
export function beat(lease: Lease): boolean {
  const next = { ...lease, counter: lease.counter + 1 };
  try {
    renameSync(pathOf(lease), pathOf(next));
  } catch {
    return false;
  }
  lease.counter = next.counter;
  return true;
}

/** Gives a lease back. */
export const endLease = (lease: Lease): void => end({ directory: lease.directory, file: pathOf(lease) });

/** Who holds the claim now, if somebody does. */
export function findLease(directory: string): Found | undefined {
  try {
    const [name] = readdirSync(directory);
    return name === undefined ? undefined : { directory, file: join(directory, name) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Ends a lease that was found, provided that it has not shown life since. */
export const evict = (found: Found): void => bestEffort(() => unlinkSync(found.file));

/** Ends a lease whose holder is no more: whoever was killed when the work was done has left one that nobody comes to claim again. */
export function endIfGone(directory: string): void {
  const found = findLease(directory);
  if (found !== undefined && holderIsGone(found)) end(found);
}

function end(found: Found): void {
  evict(found);
  bestEffort(() => rmdirSync(found.directory));
}

/** Whether the holder is a process of this machine, as this process sees it, and is no more. */
export function holderIsGone(found: Found): boolean {
  const card = readCard(found);
  return card !== undefined && card.host === hostname() && isGone(card, found.directory);
}

/** Whether the holder is a process of this machine that runs. Of any other, only its heartbeat tells. */
export function holderLives(found: Found): boolean {
  const card = readCard(found);
  return card !== undefined && card.host === hostname() && isAlive(card);
}

/** Who holds a lease that was found. */
export function holderOf(found: Found): Holder {
  const { host, pid, since } = readCard(found) ?? { host: 'another machine', pid: 0, since: '' };
  return { host, pid, since };
}

/** Where the claim `name` is. */
export const claimPath = (directory: string, name: string): string => join(directory, sha256Of(name));

/** Every claim below a directory that somebody holds, or left. */
export function claimsIn(directory: string): readonly string[] {
  let names: readonly string[] = [];
  bestEffort(() => (names = readdirSync(directory)));
  return names.filter(isSha256).map((name) => join(directory, name));
}

const fileOf = ({ nonce, counter }: Lease): string => `${nonce}.${counter}`;

const pathOf = (lease: Lease): string => join(lease.directory, fileOf(lease));

const Card = z.object({
  host: z.string(),
  boot: z.string(),
  space: z.string(),
  pid: z.int(),
  start: z.string(),
  since: z.string(),
});

const describeSelf = (): z.infer<typeof Card> => ({
  host: hostname(),
  ...thisProcess(),
  since: new Date().toISOString(),
});

function readCard({ file }: Found): z.infer<typeof Card> | undefined {
  try {
    return Card.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined; // It moved on meanwhile, or is none of ours: then only standing still tells.
  }
}
