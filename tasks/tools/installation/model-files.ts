import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file below a directory of models. `path` is relative to it, `file` has its links resolved, `size` is in bytes. */
export interface ModelFile {
  readonly path: string;
  readonly file: string;
  readonly size: number;
}

/** Every file below a directory of models, sorted by path. Links are followed, also out of it, and never in circles. */
export function modelFiles(directory: string): readonly ModelFile[] {
  const files: ModelFile[] = [];
  const walk = (below: string, parents: readonly string[]): void => {
    const real = realpath(join(directory, below));
    if (real === undefined || parents.includes(real)) return;
    for (const name of namesIn(real)) {
      const path = below === '' ? name : `${below}/${name}`;
      const file = realpath(join(real, name));
      if (file === undefined) continue;
      const found = statSync(file, { throwIfNoEntry: false });
      if (found?.isDirectory()) walk(path, [...parents, real]);
      else if (found?.isFile()) files.push({ path, file, size: found.size });
    }
  };
  walk('', []);
  return files;
}

/** Placeholders of ComfyUI's own sources, unfinished downloads and hidden files are nobody's models. */
const namesIn = (directory: string): readonly string[] =>
  list(directory)
    .filter((name) => !name.startsWith('.') && !/^put_.+_here$|\.(?:part|tmp|aria2|crdownload|download)$/i.test(name))
    .toSorted();

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Undefined where a link leads nowhere. */
function realpath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
