import { readFileSync, statSync } from 'node:fs';

import { sha256Of } from '#cache';
import { namesIn, textAt } from '../if-there.ts';
import { layoutOf } from './layout.ts';

/** What a target was made to be: a version, by a lockfile (its text), and when. */
export interface Realized {
  readonly version: string;
  readonly lockfile: string;
  readonly at: Date;
}

/** One page of a target's history: the text of a lockfile it was made by, and when. */
export interface Page {
  readonly n: number;
  readonly lockfile: string;
  readonly at: Date;
}

/** What a target is now; undefined where nothing took effect yet, or nobody can tell any more. */
export function realizedAt(target: string): Realized | undefined {
  const { current, lock } = layoutOf(target);
  try {
    const { version, lockfile: digest } = JSON.parse(readFileSync(current, 'utf8')) as Readonly<
      Record<string, unknown>
    >;
    // It is written twice: where one copy is damaged, the other is as good.
    const texts = [textAt(lock), ...historyOf(target).map((page) => page.lockfile)];
    const lockfile = texts.find((text) => text !== undefined && sha256Of(text) === digest);
    if (typeof version !== 'string' || lockfile === undefined) return undefined;
    return { version, lockfile, at: statSync(current).mtime };
  } catch {
    return undefined;
  }
}

/** The lockfiles that a target was made by, oldest first; the same one twice when it was gone back to. */
export function historyOf(target: string): readonly Page[] {
  const { history } = layoutOf(target);
  return namesIn(history)
    .flatMap((name) => /^(\d+)\.lock\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b)
    .flatMap((n) => {
      const file = `${history}/${n}.lock.json`;
      const lockfile = textAt(file);
      return lockfile === undefined ? [] : [{ n, lockfile, at: statSync(file).mtime }];
    });
}
