import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files by their relative path (`/` between the parts), sorted by code unit. */
export type Files = ReadonlyMap<string, Buffer>;

/** Every file below some directories of `root` that belongs there: what Python or a desktop left behind does not. */
export function readShipped(root: string, directories: readonly string[]): Files {
  const files = new Map<string, Buffer>();
  const waiting = [...directories];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    for (const entry of readdirSync(join(root, at), { withFileTypes: true })) {
      const path = `${at}/${entry.name}`;
      if (entry.name.startsWith('.') || entry.name === '__pycache__') continue;
      if (entry.isDirectory()) waiting.push(path);
      else files.set(path, readFileSync(join(root, path)));
    }
  return sorted(files);
}

/** The files below `prefix` (which ends in `/`), by their path from there. */
export function below(files: Files, prefix: string): Files {
  const chosen = [...files].filter(([path]) => path.startsWith(prefix));
  return new Map(chosen.map(([path, bytes]) => [path.slice(prefix.length), bytes]));
}

/** The names that follow `prefix` directly. */
export const namesBelow = (files: Files, prefix: string): readonly string[] => [
  ...new Set([...below(files, prefix).keys()].map((path) => path.split('/')[0]!)),
];

/** The same files in their order. */
export const sorted = (files: Files): Files => new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
