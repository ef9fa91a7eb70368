import { hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A directory with everything below it, as lines that two directories may be compared by. */
export type Listing = Readonly<Record<string, string>>;

/** What is below a directory: type, mode, bytes or where a link points. `except` are paths that do not count. Empty when it is absent. */
export function listing(directory: string, { except = [] }: { readonly except?: readonly string[] } = {}): Listing {
  const found: Record<string, string> = {};
  const visit = (below: string): void => {
    for (const name of namesIn(join(directory, below)).toSorted()) {
      const path = join(below, name);
      if (except.includes(path)) continue;
      const at = join(directory, path);
      const stat = lstatSync(at);
      const mode = (stat.mode & 0o777).toString(8);
      if (stat.isSymbolicLink()) found[path] = `-> ${readlinkSync(at)}`;
      else if (stat.isDirectory()) {
        found[`${path}/`] = mode;
        visit(path);
      } else found[path] = `${mode} ${stat.size} ${hash('sha256', readFileSync(at)).slice(0, 16)}`;
    }
  };
  visit('');
  return found;
}

/** A target as a user sees it, and our records of it: everything but what is staged and thrown away. */
export const targetListing = (target: string): Listing =>
  listing(target, { except: ['.pipeline/staging', '.pipeline/trash'] });

/** The paths in which two directories differ, sorted. */
export const changedPaths = (before: Listing, after: Listing): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => before[path] !== after[path])
    .toSorted();

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
