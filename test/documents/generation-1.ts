import { readVersion } from '../../pipelines/documents/version.ts';
import { commit, project } from './project.ts';

/** The repository and the pin of a core. */
export const repo = 'https://git.example/ComfyUI.git';
export const core = { repo, commit };

/** Fields of a document. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a person is told of an entry without a commit. */
export const unpinned = 'No commit: the newest of the default branch is looked up once, and pinned in our lockfile';

/** A project with a generation 1 spec and its lock, of which the given fields differ from the least. */
export const pair = (lock: Fields, spec: Fields = {}): string =>
  project({
    'versions/old.json': { version_id: 'old', lock: 'lockfiles/comfy-old.lock.json', ...spec },
    'lockfiles/comfy-old.lock.json': { schema_version: 1, comfyui: { repo, commit, path: null }, ...lock },
  });

/** What the pair is, and what a person is told; the names of its files left out. */
export function read(lock: Fields, spec?: Fields) {
  const { version, warnings } = readVersion({ root: pair(lock, spec), id: 'old' });
  return { version, warnings: warnings.map(withoutFile) };
}

/** A message without the names of the pair. */
export const withoutFile = (text: string): string =>
  text.replaceAll(/(?:versions\/old\.json|lockfiles\/comfy-old\.lock\.json): /g, '');

/** What a document says, what becomes of it, and what a person is told. */
export type Row = readonly [title: string, says: Fields, becomes: Fields, warnings?: readonly string[]];

/** Rows with names, for a table of tests. */
export const named = (rows: readonly Row[]) =>
  rows.map(([title, says, becomes, warnings = []]) => ({ title, says, becomes, warnings }));
