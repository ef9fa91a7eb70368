import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { identify, type Identity } from './identity.ts';

/** A directory with a node in it. `path` is relative to `custom_nodes`: `Foo`, `.disabled/foo@1_0_2`, `Foo.disabled`. */
export interface InstalledNode {
  readonly path: string;
  readonly enabled: boolean;
  readonly identity: Identity;
}

/** A node that is a single file, which nobody keeps versions of. */
export interface SingleFile {
  readonly path: string;
  readonly enabled: boolean;
}

/** Everything below a `custom_nodes`, however ComfyUI-Manager laid it out over the years; sorted by path. */
export function installedNodes(customNodes: string): {
  readonly nodes: readonly InstalledNode[];
  readonly files: readonly SingleFile[];
} {
  const nodes: InstalledNode[] = [];
  const files: SingleFile[] = [];
  const waiting = namesIn(join(customNodes, '.disabled')).map((name) => `.disabled/${name}`);
  for (const path of [...namesIn(customNodes), ...waiting]) {
    const enabled = !path.startsWith('.disabled/') && !path.endsWith('.disabled');
    if (isDirectory(join(customNodes, path)))
      nodes.push({ path, enabled, identity: identify(join(customNodes, path)) });
    else if (/\.py(?:\.disabled)?$/.test(path)) files.push({ path, enabled });
  }
  return { nodes, files };
}

/** What is no node: `.trash`, `.git` and the like, and the byte code of single files. */
function namesIn(directory: string): readonly string[] {
  let names: readonly string[] = [];
  try {
    names = readdirSync(directory);
  } catch {
    // No directory, no nodes.
  }
  return names.filter((name) => !name.startsWith('.') && name !== '__pycache__').toSorted();
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
