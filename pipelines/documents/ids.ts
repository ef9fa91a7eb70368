import { readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

import { Failed } from '#engine';

import { VersionId } from '../../tasks/vocabulary.ts';

/** An id from the command line, or a usage failure: no path is built from anything else. */
export function parseId(id: string): VersionId {
  const parsed = VersionId.safeParse(id);
  if (parsed.success) return parsed.data;
  throw new Failed({ kind: 'usage', problem: `\`${id}\` is no version id. ${parsed.error.issues[0]!.message}` });
}

/** The document of a version. */
export const versionPath = (root: string, id: VersionId): string => join(root, 'versions', `${id}.json`);

/** The lockfile of a version. */
export const lockfilePath = (root: string, id: VersionId): string => join(root, 'lockfiles', `${id}.lock.json`);

/** Stands beside the versions, and is none: editors read it. */
const schema = 'schema.json';

/** The ids that have a document in the project, sorted; none when there is no `versions/`. */
export function versionIds(root: string): readonly string[] {
  let files: readonly string[] = [];
  try {
    files = readdirSync(join(root, 'versions'));
  } catch {
    // No directory, no versions: whoever looks for one says so.
  }
  const documents = files.filter((file) => file.endsWith('.json') && file !== schema);
  const ids = documents.map((file) => basename(file, '.json'));
  return ids.filter((id) => VersionId.safeParse(id).success).toSorted();
}

/** What messages call a file: its path in the project, or its full path when it is outside. */
export function nameIn(root: string, file: string): string {
  const name = relative(root, file);
  return name.startsWith('..') ? file : name;
}
