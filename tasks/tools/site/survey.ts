import { readlinkSync, type Stats } from 'node:fs';

import { breathe, hashFile } from '#cache';
import { commitAt } from './git-directory.ts';
import { type Found, holdsBytesOf, type Item, sameFingerprint } from './item.ts';
import { fingerprintOf, follow, look } from './look.ts';
import { directoriesOf, parentOf } from './path.ts';
import type { Scene } from './plan-placement.ts';

/** What to look for, and where. */
interface Survey {
  readonly target: string;
  /** Where on disk that is now which will be at a path: see `Moves`. */
  readonly locate: (path: string) => string | undefined;
  readonly wanted: ReadonlyMap<string, Item>;
  readonly placed: ReadonlyMap<string, Item>;
  /** What another slot's receipt says of a path. */
  readonly lend: (path: string) => Item | undefined;
}

/** How a directory is reached. */
interface Reach {
  readonly there: boolean;
  /** The symbolic link of somebody else on the way. */
  readonly link?: string;
}

/** Looks at every path that is wanted or was placed. Reads a file only when its size fits and its fingerprint does not. */
export async function survey(what: Survey): Promise<Pick<Scene, 'found' | 'beyond' | 'lent'>> {
  const { target, locate, wanted, placed } = what;
  const found = new Map<string, Found>();
  const beyond = new Map<string, string>();
  const lent = new Map<string, Item>();
  const inTheWay = thingsInTheWay(what);
  const reach = openReach(target, new Set(inTheWay.map(locate)));
  let turns = 0;
  for (const path of new Set([...wanted.keys(), ...placed.keys(), ...inTheWay])) {
    if ((turns += 1) % 100 === 0) await breathe();
    const at = locate(path);
    if (at === undefined) continue;
    const { there, link } = reach(parentOf(at));
    if (link !== undefined) beyond.set(path, link);
    const stat = there ? look(`${target}/${at}`) : undefined;
    if (stat === undefined) continue;
    const loan = placed.has(path) ? undefined : what.lend(path);
    if (loan !== undefined) lent.set(path, loan);
    const known = [placed.get(path) ?? loan, wanted.get(path)] as const;
    const seen = examine(`${target}/${at}`, stat, known);
    found.set(path, mayBe(known, seen) ? { ...seen, ...(await read(`${target}/${at}`)) } : seen);
  }
  return { found, beyond, lent };
}

/** What receipts say of a path, and what is wanted there. */
type Known = readonly [ours?: Item | undefined, wanted?: Item | undefined];

/** What stands at a path, as far as it can be told without reading a file. */
function examine(at: string, stat: Stats, [ours, wanted]: Known): Found {
  if (stat.isSymbolicLink()) return { type: 'link', to: readlinkSync(at) };
  if (stat.isDirectory()) {
    const git = ours?.type === 'git' || wanted?.type === 'git';
    return git ? { type: 'git', commit: commitAt(at) } : { type: 'directory' };
  }
  if (!stat.isFile()) return { type: 'other' };
  const fingerprint = fingerprintOf(stat);
  const placed = ours?.type === 'file' ? ours : undefined;
  const before = placed?.fingerprint;
  // A volume without mode bits shows others than we asked for: as long as they are the ones we saw, they are right.
  const mode = before?.runs === fingerprint.runs ? placed!.mode : fingerprint.runs ? 0o755 : 0o644;
  const sha256 = before !== undefined && sameFingerprint(before, fingerprint) ? placed!.sha256 : undefined;
  return { type: 'file', mode, sha256, fingerprint };
}

/** Whether reading a file could show that it is something known. */
const mayBe = (known: Known, found: Found): boolean =>
  found.type === 'file' &&
  found.sha256 === undefined &&
  known.some((item) => item?.type === 'file' && item.size === found.fingerprint.size);

const read = async (at: string): Promise<{ readonly sha256: string }> => ({ sha256: (await hashFile(at)).sha256 });

/** Files and links of some slot, as they were placed, that stand where a directory is wanted now: they will make room. */
function thingsInTheWay({ target, locate, wanted, placed, lend }: Survey): readonly string[] {
  return [...directoriesOf(wanted.keys())].filter((directory) => {
    const at = locate(directory);
    const stat = at === undefined ? undefined : look(`${target}/${at}`);
    if (stat === undefined || stat.isDirectory()) return false;
    const item = placed.get(directory) ?? lend(directory);
    return item !== undefined && (!stat.isSymbolicLink() || holdsBytesOf(examine(`${target}/${at}`, stat, []), item));
  });
}

/**
 * Says of directories, by their path on disk, whether they are there and whether a link of somebody else leads to them. Nothing
 * is behind a link that makes room for a directory.
 */
function openReach(target: string, yielding: ReadonlySet<string | undefined>): (directory: string) => Reach {
  const known = new Map<string, Reach>([['', { there: true }]]);
  const step = (directory: string, parent: Reach): Reach => {
    const at = `${target}/${directory}`;
    const stat = parent.there ? look(at) : undefined;
    if (stat?.isSymbolicLink() !== true) return { ...parent, there: stat?.isDirectory() === true };
    if (yielding.has(directory)) return { there: false };
    return { there: follow(at)?.isDirectory() === true, link: parent.link ?? directory };
  };
  const reach = (directory: string): Reach => {
    const way = known.get(directory) ?? step(directory, reach(parentOf(directory)));
    known.set(directory, way);
    return way;
  };
  return reach;
}
