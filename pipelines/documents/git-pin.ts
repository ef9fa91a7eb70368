import { type GitCommit, GitRef } from '../../tasks/vocabulary.ts';

import { addWarning, below, check, type Findings, type Place } from './findings.ts';
import { present } from './present.ts';
import { GitSource, portable, readSource } from './sources.ts';

/** What of a repository is wanted: a commit, what a branch or tag is today, or (with neither) the default branch. */
export interface GitPin {
  readonly ref?: GitRef;
  readonly commit?: GitCommit;
}

/** Reads `commit` and `ref`. What stands in `commit` and is no full hash is a branch or tag. */
export function readPin(
  { commit, ref }: { readonly commit?: string | undefined; readonly ref?: GitRef | undefined },
  place: Place,
  findings: Findings,
): GitPin | undefined {
  if (commit === undefined) return ref === undefined ? undefined : { ref };
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(commit))
    return present({ ref, commit: commit.toLowerCase() as GitCommit });
  const at = below(place, 'commit');
  if (/^[0-9a-f]{7,}$/i.test(commit))
    addWarning(findings, at, 'Not a full commit, so it is looked up as a branch or tag; write all 40 characters');
  if (ref !== undefined && ref !== commit) addWarning(findings, at, 'Names a branch or tag, so `ref` is ignored');
  const named = check(GitRef, commit, at, findings);
  return named === undefined ? undefined : { ref: named };
}

/** Reads `repo`: a URL, or a path of this project that starts with `./`, `../` or `/`. */
export function readRepository(root: string, text: string, place: Place, findings: Findings): GitSource | undefined {
  const isPath = /^(?:\.{0,2}\/|file:)/.test(text);
  return readSource(GitSource, isPath ? portable(root, text) : text, below(place, 'repo'), findings);
}

/** The last part of a repository's URL or of a path, which names its directory: `comfyui-foo`. */
export const lastPart = (source: string): string => /([^/:]+?)(?:\.git)?\/*$/i.exec(source)?.[1] ?? '';
