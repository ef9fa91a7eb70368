import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildMetadata, buildRequires, layOutTools, openSource, type Yard } from '../python/build.ts';
import { staticMetadata } from '../python/pyproject.ts';
import { isStatic, type Metadata } from './metadata.ts';
import { parsed } from './wheel-metadata.ts';

/** What a source says before a wheel is built from it. */
export interface Inspected {
  readonly metadata: Metadata;
  /** What building it takes, as requirement lines. */
  readonly requires: readonly string[];
}

/**
 * Asks a source what it is and what building it takes. Its builder runs, isolated, with what `trees` answers for its
 * requirements: the directories of unpacked wheels. `called` names it in messages.
 */
export async function inspect(
  source: { readonly path: string; readonly subdirectory?: string },
  how: Yard & {
    readonly scratch: string;
    readonly called: string;
    readonly trees: (requires: readonly string[]) => Promise<readonly string[]>;
  },
): Promise<Inspected> {
  const { scratch, called, trees } = how;
  const room = mkdtempSync(join(scratch, 'source-'));
  const open = await openSource(source, join(room, 'source'), how);
  const first = layOutTools(await trees(open.system.requires), join(room, 'tools'), how);
  const more = await buildRequires(open, first, how);
  const requires = [...new Set([...open.system.requires, ...more])];
  const promised = promiseOf(open.root);
  if (promised !== undefined) return { metadata: parsed(promised, called), requires };
  const venv = more.length === 0 ? first : layOutTools(await trees(requires), join(room, 'all-tools'), how);
  const into = join(room, 'metadata');
  mkdirSync(into);
  return { metadata: parsed(await buildMetadata(open, venv, into, how), called), requires };
}

/** METADATA that holds for every wheel made from a source, where it has such. */
function promiseOf(root: string): string | undefined {
  const read = (name: string): string | undefined =>
    existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : undefined;
  const info = read('PKG-INFO');
  return info !== undefined && isStatic(info) ? info : staticMetadata(read('pyproject.toml') ?? '');
}
