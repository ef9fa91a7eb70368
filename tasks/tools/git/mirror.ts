import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { openTemps, sweepTemps } from '#cache';

import { writeFile } from '../write-file.ts';
import { isCommit } from './checks.ts';
import { writeBare } from './dot-git.ts';
import { mirrorName } from './repository-url.ts';

/**
 * What was fetched of one repository: a bare repository of packs. A file in `refs/pins` names each commit that was
 * fetched; pins are offered to the server as something we have, and never believed. Nothing here is changed in place or
 * locked: packs are made aside and moved in, so any number of processes may do it at once, or die doing it.
 */
export interface Mirror {
  readonly path: string;
  /** Where things are made aside, on the same volume; everything in it may be deleted when nobody fetches. */
  readonly incoming: string;
}

/** The mirror of a repository below `mirrors`, whether it is there or not. The length of `commit` says which hash is used. */
export function mirrorOf(mirrors: string, repo: string, commit: string): Mirror {
  const incoming = join(mirrors, 'incoming');
  mkdirSync(incoming, { recursive: true });
  return { path: join(mirrors, mirrorName(repo, commit.length === 40 ? 'sha1' : 'sha256')), incoming };
}

const pins = ({ path }: Mirror): string => join(path, 'refs/pins');

/** The commits that were fetched into the mirror, sorted. */
export const pinned = (mirror: Mirror): readonly string[] =>
  existsSync(pins(mirror)) ? readdirSync(pins(mirror)).filter(isCommit).toSorted() : [];

/** Notes that a commit is in the mirror with all of its files. */
export function pin(mirror: Mirror, commit: string): void {
  mkdirSync(pins(mirror), { recursive: true });
  writeFile(join(pins(mirror), commit), `${commit}\n`);
}

/** Moves the packs of another repository on the same volume into the mirror, making it when there is none. Answers their size in bytes. */
export function adoptPacks(mirror: Mirror, repository: string, commit: string): number {
  if (!existsSync(mirror.path)) makeMirror(mirror, commit);
  const from = join(repository, 'objects/pack');
  const names = readdirSync(from).filter((name) => /\.(?:pack|idx)$/.test(name));
  const to = join(mirror.path, 'objects/pack');
  // Missing only where the mirror is damaged, or was just discarded: whoever reads it will find that out.
  mkdirSync(to, { recursive: true });
  let bytes = 0;
  // A pack is seen by its index, so that goes last.
  for (const name of names.toSorted((a, b) => Number(a.endsWith('.idx')) - Number(b.endsWith('.idx')))) {
    if (name.endsWith('.pack')) bytes += statSync(join(from, name)).size;
    renameSync(join(from, name), join(to, name));
  }
  return bytes;
}

function makeMirror(mirror: Mirror, commit: string): void {
  const directory = freshDirectory(mirror);
  // The store syncs what is kept of a checkout.
  writeBare(directory, commit, { bare: 'true', fsync: 'none' }, [['pack', { writeReverseIndex: 'false' }]]);
  try {
    renameSync(directory, mirror.path);
  } catch (error) {
    // Another process made it first.
    if (!existsSync(mirror.path)) throw error;
    remove(directory);
  }
}

/** Gets a mirror that turned out damaged out of the way, in one step, and deletes it. */
export function discard(mirror: Mirror): void {
  const aside = freshDirectory(mirror);
  try {
    renameSync(mirror.path, aside);
  } catch (error) {
    // Another process found the same.
    if (existsSync(mirror.path)) throw error;
  }
  remove(aside);
}

/** The path of a directory that nobody else uses; it is not there yet. */
export const freshDirectory = ({ incoming }: Mirror): string => openTemps(incoming).fresh();

/** Deletes a directory. A child of a git that was stopped may write there for a moment longer, hence the retries. */
export const remove = (path: string): void =>
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });

/** What a killed process of another machine left behind is what nobody has touched for a day (in milliseconds). */
const abandoned = 24 * 60 * 60 * 1000;

/** Deletes what processes that were killed left behind. */
export async function sweep({ incoming }: Mirror): Promise<void> {
  await sweepTemps(incoming);
  for (const name of readdirSync(incoming)) {
    const path = join(incoming, name);
    const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (touched !== undefined && Date.now() - touched > abandoned) remove(path);
  }
}
