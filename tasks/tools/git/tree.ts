import { Failed } from '#engine';

import type { Pack } from './pack.ts';

/** One file, link or submodule of a commit. `path` has `/` separators; `id` names the blob (or the submodule's commit). */
export interface TreeEntry {
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000' | '160000';
  readonly id: string;
}

/** More than any repository of nodes has; a tree that names itself a thousand times over is stopped here. */
const limits = { entries: 200_000, depth: 64 };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Everything below a tree, in the order of git's index. Throws `refused` for names that are no names of files. */
export function readTree(pack: Pack, root: string): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  const walk = (tree: string, above: string, depth: number) => {
    if (depth > limits.depth) throw refused(above, `it lies more than ${limits.depth} directories deep`);
    const names = new Set<string>();
    for (const { mode, name, id } of parseTree(pack.read(tree).body, root.length / 2, above)) {
      const path = above + name;
      const because = names.has(name) ? 'the directory holds that name twice' : unsafeName(name);
      if (because !== undefined) throw refused(path, because);
      names.add(name);
      if (mode === 'tree') walk(id, `${path}/`, depth + 1);
      else if (entries.push({ path, mode, id }) > limits.entries)
        throw refused(path, `the commit holds more than ${limits.entries} files`);
    }
  };
  walk(root, '', 1);
  return entries;
}

interface Line {
  readonly mode: TreeEntry['mode'] | 'tree';
  readonly name: string;
  readonly id: string;
}

/** A tree's body: `<octal mode> <name>\0<id>` again and again. */
function* parseTree(body: Buffer, idBytes: number, above: string): Generator<Line> {
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const end = body.indexOf(0, space);
    if (space < 0 || end < 0 || end + idBytes >= body.length) throw refused(above, 'its directory is malformed');
    const name = decodeName(body.subarray(space + 1, end), above);
    yield {
      mode: kindOf(body.toString('latin1', at, space), above + name),
      name,
      id: body.toString('hex', end + 1, end + 1 + idBytes),
    };
    at = end + 1 + idBytes;
  }
}

function decodeName(bytes: Buffer, above: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refused(above + bytes.toString('latin1'), 'its name is not UTF-8');
  }
}

/** Old repositories hold modes such as 100664: of a file's permissions only "executable" counts, as for git. */
function kindOf(mode: string, path: string): Line['mode'] {
  const value = Number.parseInt(mode, 8);
  switch (value & 0o170000) {
    case 0o040000:
      return 'tree';
    case 0o100000:
      return value & 0o100 ? '100755' : '100644';
    case 0o120000:
      return '120000';
    case 0o160000:
      return '160000';
    default:
      throw refused(path, `mode ${mode} is neither a file nor a directory`);
  }
}

/** Characters that some file systems ignore in names: `.g\u200cit` is `.git` to them. */
const ignorable = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Why a name in a tree is no name of a file here or on another system, if so. */
function unsafeName(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'it is no name of a file';
  if (/[/\\]/.test(name)) return 'its name holds a separator';
  const plain = name.replaceAll(ignorable, '').toLowerCase();
  if (/^(?:\.git|git~1)[. ]*(?::|$)/.test(plain)) return 'its name stands for `.git`';
  return undefined;
}

const refused = (path: string, because: string): Failed =>
  new Failed({ kind: 'refused', what: `${JSON.stringify(path)} in a commit`, because });
