/** The directory directly below a target that holds pipeline's own records. */
export const records = '.pipeline';

/** Empty, `.` and `..` names, a leading or trailing slash, NUL. */
const odd = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/** Whether a path is relative and normal, so that it stays inside. */
export const isNormal = (path: string): boolean => !odd.test(path);

/** Whether a path below the target is one of our records. */
export const isRecord = (path: string): boolean => within(records, path.slice(0, records.length + 1).toLowerCase());

/** Two paths as one; the empty path is where they are counted from. */
export const joined = (base: string, path: string): string =>
  base === '' ? path : path === '' ? base : `${base}/${path}`;

/** Whether `path` is `directory` or below it. */
export const within = (directory: string, path: string): boolean =>
  directory === '' ||
  (path.startsWith(directory) && (path.length === directory.length || path[directory.length] === '/'));

/** A path counted from a base it is within. */
export const belowBase = (base: string, path: string): string => (base === '' ? path : path.slice(base.length + 1));

/** The directory a path is in: empty for the target itself. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** The last name of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Every directory that some of these paths is in, near or far; without the target itself. */
export function directoriesOf(paths: Iterable<string>): ReadonlySet<string> {
  const directories = new Set<string>();
  let last = '';
  for (const path of paths) {
    let directory = parentOf(path);
    // Neighbours come together: most paths need no look into the set.
    if (directory === last) continue;
    last = directory;
    for (; directory !== '' && !directories.has(directory); directory = parentOf(directory)) directories.add(directory);
  }
  return directories;
}
