import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { formatBytes } from './render/format-bytes.ts';
import { formatCount } from './render/format-count.ts';

/** What is left in a directory, a line for each entry: `output/ (3 files, 1.2 MB)`. Nothing when the directory is gone. */
export function leftOver(directory: string): readonly string[] {
  return entriesOf(directory)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => {
      if (!entry.isDirectory()) return entry.name;
      const { files, bytes } = measure(join(directory, entry.name));
      return `${entry.name}/ (${formatCount(files, 'file')}, ${formatBytes(bytes)})`;
    });
}

function measure(directory: string): { readonly files: number; readonly bytes: number } {
  return entriesOf(directory).reduce(
    (sum, entry) => {
      const path = join(directory, entry.name);
      const inside = entry.isDirectory()
        ? measure(path)
        : { files: 1, bytes: lstatSync(path, { throwIfNoEntry: false })?.size ?? 0 };
      return { files: sum.files + inside.files, bytes: sum.bytes + inside.bytes };
    },
    { files: 0, bytes: 0 },
  );
}

function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    // Gone, or not to be looked into: then nobody can say what is there.
    return [];
  }
}
