import { readdirSync, readFileSync } from 'node:fs';

import { isDirectory, look } from './look.ts';

/** The commit that a `.git` directory is at: HEAD's, or that of the branch it names. Empty when it cannot be told. */
export function commitAt(git: string): string {
  const head = read(`${git}/HEAD`).trim();
  if (!head.startsWith('ref:')) return head;
  const ref = head.slice(4).trim();
  if (!ref.startsWith('refs/') || ref.includes('..')) return '';
  // git may move a branch out of its own file at any time.
  return read(`${git}/${ref}`).trim() || (packedRefs(git).get(ref) ?? '');
}

/** Every ref of a `.git` directory as `name=commit`, sorted. */
export function refsAt(git: string): readonly string[] {
  const refs = new Map(packedRefs(git));
  const walk = (name: string): void => {
    for (const entry of readdirSync(`${git}/${name}`, { withFileTypes: true })) {
      const below = `${name}/${entry.name}`;
      if (entry.isDirectory()) walk(below);
      else refs.set(below, read(`${git}/${below}`).trim());
    }
  };
  if (isDirectory(`${git}/refs`)) walk('refs');
  return [...refs].map(([name, commit]) => `${name}=${commit}`).toSorted();
}

/**
 * Whether a `.git` directory holds work that is not in `refs`: branches, tags, a stash, other worktrees, a rebase half
 * way. What was fetched from a remote can be fetched again.
 */
export function holdsWork(git: string, refs: readonly string[]): boolean {
  const known = new Set(refs);
  const extra = refsAt(git).some((ref) => !known.has(ref) && !ref.startsWith('refs/remotes/'));
  return extra || workplaces.some((name) => look(`${git}/${name}`) !== undefined);
}

/** Whether a `.git` directory has not all its objects itself: `git clone --shared` leaves them where they are. */
export const borrows = (git: string): boolean => look(`${git}/objects/info/alternates`) !== undefined;

const workplaces = ['worktrees', 'modules', 'rebase-merge', 'rebase-apply', 'MERGE_HEAD'];

function packedRefs(git: string): ReadonlyMap<string, string> {
  const lines = read(`${git}/packed-refs`).split('\n');
  // `#` starts the header, `^` what a tag points at.
  return new Map(
    lines
      .filter((line) => /^[0-9a-f]/.test(line))
      .map((line) => [line.slice(line.indexOf(' ') + 1), line.split(' ')[0]!]),
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
