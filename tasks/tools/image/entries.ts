import type { Store, TarEntry } from '#cache';
import { Failed, type LayerPart } from '#engine';

/**
 * Everything that parts come to, sorted by path, with the directories that lead there. Where two differ the later one wins, as
 * in a target. A `.git` is left out: nobody switches a node within an image, and its bytes depend on who packed it.
 */
export async function entriesOf(
  parts: readonly LayerPart[],
  store: Pick<Store, 'entries' | 'pathOf'>,
  sizeOf: (path: string) => number,
): Promise<readonly TarEntry[]> {
  const found = new Map<string, TarEntry>();
  const put = (entry: TarEntry): void => {
    refuseOdd(entry.path);
    makeRoom(entry, found);
    found.set(entry.path, entry);
  };
  for (const part of parts) {
    if ('directory' in part) put({ path: part.directory, type: 'directory' });
    else if ('text' in part) {
      const text = Buffer.from(part.text);
      put({ path: part.at, type: 'file', mode: 0o644, size: text.length, from: { text } });
    } else if ('blob' in part) {
      const file = store.pathOf(part.blob);
      const sha256 = part.blob.slice(part.blob.indexOf(':') + 1);
      put({ path: part.at, type: 'file', mode: 0o644, size: sizeOf(file), from: { file, sha256 } });
    } else {
      const root = store.pathOf(part.tree);
      for (const entry of await store.entries(part.tree)) {
        if (isOfGit(entry.path)) continue;
        const path = `${part.at}/${entry.path}`;
        if (entry.type === 'file') {
          const { mode, size, sha256 } = entry;
          put({ path, type: 'file', mode, size, from: { file: `${root}/${entry.path}`, sha256 } });
        } else if (entry.type === 'link') put({ path, type: 'link', to: entry.to });
        else put({ path, type: 'directory' });
      }
    }
  }
  for (const path of found.keys())
    for (const parent of parentsOf(path))
      if (!found.has(parent)) found.set(parent, { path: parent, type: 'directory' });
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Takes away what cannot be beside an entry: a file or link where it needs a directory, and what was below its own path. */
function makeRoom({ path, type }: TarEntry, found: Map<string, TarEntry>): void {
  for (const parent of parentsOf(path)) {
    const there = found.get(parent);
    if (there !== undefined && there.type !== 'directory') found.delete(parent);
  }
  const before = found.get(path);
  if (type === 'directory' || (before !== undefined && before.type !== 'directory')) return;
  const below = `${path}/`;
  for (const other of found.keys()) if (other.startsWith(below)) found.delete(other);
}

const isOfGit = (path: string): boolean => path.split('/').includes('.git');

/** The directories that lead to a path, from the top. */
const parentsOf = (path: string): readonly string[] => {
  const names = path.split('/');
  return names.slice(1).map((_, n) => names.slice(0, n + 1).join('/'));
};

/** In a layer such a name means that something below is gone. */
function refuseOdd(path: string): void {
  const names = path.split('/');
  const odd = names.find((name) => name === '' || name === '.' || name === '..' || name.startsWith('.wh.'));
  if (odd !== undefined)
    throw new Failed({ kind: 'refused', what: path, because: 'an image cannot hold a file of that name' });
}
