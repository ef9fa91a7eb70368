import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { touchedAt } from '#cache';

import { namesIn } from '../if-there.ts';
import { isCommit } from './checks.ts';

/** A repository that was fetched from: the commits that were wanted of it, and when it was last fetched into, by the clock of its volume. */
export interface KeptMirror {
  readonly path: string;
  readonly commits: readonly string[];
  readonly usedAt: number;
}

/** Where mirrors are made, and what goes is put: unfinished things, all of them. */
export const incomingOf = (mirrors: string): string => join(mirrors, 'incoming');

/** Every mirror below a directory, in the order of names; none where there is no such directory. */
export const listMirrors = (mirrors: string): readonly KeptMirror[] =>
  directoriesIn(mirrors).flatMap((name) => {
    if (!name.endsWith('.git')) return [];
    const path = join(mirrors, name);
    const pins = join(path, 'refs/pins');
    const times = [path, pins, join(path, 'objects/pack')].map((at) => touchedAt(at) ?? 0);
    return [{ path, commits: namesIn(pins).filter(isCommit), usedAt: Math.max(...times) }];
  });

function directoriesIn(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted();
  } catch {
    return [];
  }
}
