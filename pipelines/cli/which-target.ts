import { Failed } from '#engine';
import { parseId, versionPath } from '../documents/ids.ts';
import { disk, findPaths, findRoot, type Paths } from '../documents/paths.ts';
import { readVersion, type Version } from '../documents/version.ts';
import type { Around } from './around.ts';

/** A version by its id, and its directories, also when its document is gone, or is not needed to find them. */
export interface Found {
  readonly root: string;
  readonly id: string;
  readonly paths: Paths;
  /** The document, when there is one: an absolute path. */
  readonly document?: string;
}

/** Finds the target of a version by the one rule for all commands. Throws on a document that cannot be read, unless a target is given. */
export function whichTarget(
  { cwd, environment }: Around,
  word: string,
  { target }: { readonly target?: string },
): Found {
  const { path: root } = findRoot({ cwd, probe: disk });
  const named = parseId(word);
  const document = versionPath(root, named);
  const isKnown = disk.exists(document);
  const version = isKnown ? readUnless(target !== undefined, { root, cwd, id: named }) : undefined;
  const { id } = version ?? { id: named };
  const flags = target === undefined ? {} : { target };
  const paths = findPaths({ cwd, environment, probe: disk, root, version: version ?? { id }, flags });
  return { root, id, paths, ...(isKnown && { document }) };
}

function readUnless(mayBeBroken: boolean, which: Parameters<typeof readVersion>[0]): Version | undefined {
  try {
    return readVersion(which).version;
  } catch (error) {
    if (error instanceof Failed && mayBeBroken) return undefined;
    throw error;
  }
}
