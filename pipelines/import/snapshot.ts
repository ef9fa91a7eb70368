import * as z from 'zod/mini';

import { addProblem, below, check, type Findings, type Place, refuseProblems } from '../documents/findings.ts';
import { withoutUserinfo } from '../documents/split-repository.ts';
import { Flag } from '../documents/tidy.ts';
import { type Candidate, type Found, type Line, lost, nothing, short, taken, titleOf } from './found.ts';
import { readPips } from './packages.ts';

/** A snapshot of ComfyUI-Manager, as it writes them: hashes may end in a newline. */
const Snapshot = z.object({
  comfyui: z.nullish(z.string()),
  git_custom_nodes: z.pipe(
    z.nullish(z.record(z.string(), z.object({ hash: z.nullish(z.string()), disabled: z.nullish(Flag) }))),
    z.transform((nodes) => nodes ?? {}),
  ),
  cnr_custom_nodes: z.pipe(
    z.nullish(z.record(z.string(), z.string())),
    z.transform((nodes) => nodes ?? {}),
  ),
  file_custom_nodes: z.pipe(
    z.nullish(z.array(z.object({ filename: z.string(), disabled: z.nullish(Flag) }))),
    z.transform((files) => files ?? []),
  ),
  pips: z.pipe(
    z.nullish(z.record(z.string(), z.nullable(z.string()))),
    z.transform((pips) => pips ?? {}),
  ),
});
type Snapshot = z.output<typeof Snapshot>;

/** Whether a value has what only snapshots have. */
export const isSnapshot = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  ['git_custom_nodes', 'cnr_custom_nodes', 'file_custom_nodes'].some((key) => key in value);

/**
 * Reads a snapshot of ComfyUI-Manager. Throws when a commit in it is none: `unknown`, which Manager writes when it could
 * not tell, would be taken for a branch.
 */
export function readSnapshot(value: Readonly<Record<string, unknown>>, place: Place): Found {
  const findings: Findings = { problems: [], warnings: [] };
  const snapshot = check(Snapshot, value, place, findings);
  if (snapshot) refuseUnknown(snapshot, place, findings);
  refuseProblems(findings);
  const { comfyui, git_custom_nodes: git, cnr_custom_nodes: cnr, file_custom_nodes: files, pips } = snapshot!;
  const others = Object.keys(value).filter((key) => !(key in Snapshot.shape));
  const { packages, python, lines } = readPips(pips);
  const commit = comfyui?.trim();
  return {
    ...nothing,
    ...(commit ? { core: { commit, fate: 'taken', why: 'at the commit of the snapshot' } } : {}),
    nodes: [...Object.entries(git).flatMap(ofGit), ...Object.entries(cnr).map(ofRegistry)],
    packages,
    python,
    lines: [
      ...Object.entries(git).flatMap(waiting),
      ...files.map(({ filename }) => lost(`file ${filename}`, 'a node in a single file comes from nowhere')),
      ...lines,
      ...others.map((key) => lost(key, 'snapshots of ComfyUI-Manager have no such field')),
    ],
  };
}

type OfGit = Snapshot['git_custom_nodes'][string];

function refuseUnknown(snapshot: Snapshot, place: Place, findings: Findings): void {
  const { comfyui, git_custom_nodes: git, cnr_custom_nodes: cnr } = snapshot;
  const refuse = (hash: string | null | undefined, ...path: readonly string[]): void => {
    const commit = hash?.trim() ?? '';
    if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return;
    const problem = commit === 'unknown' ? unknown : 'Expected a full commit: 40 lower-case hex characters';
    addProblem(findings, below(place, ...path), problem);
  };
  if (comfyui?.trim()) refuse(comfyui, 'comfyui');
  for (const [url, { hash, disabled }] of Object.entries(git))
    if (!disabled) refuse(hash, 'git_custom_nodes', withoutUserinfo(url), 'hash');
  for (const [id, version] of Object.entries(cnr))
    if (version.trim() === 'unknown') addProblem(findings, below(place, 'cnr_custom_nodes', id), unknown);
}

const unknown = 'Manager did not know which one it was, so nobody does: write it here, or take the entry out';

function ofGit([url, { hash, disabled }]: readonly [string, OfGit]): readonly Candidate[] {
  if (disabled) return [];
  const commit = hash!.trim();
  const repo = withoutUserinfo(url.trim());
  return [{ entry: { repo, commit }, line: taken(titleOf(repo, short(commit)), 'from git, at its commit') }];
}

const ofRegistry = ([id, version]: readonly [string, string]): Candidate => ({
  entry: { id, version },
  line: taken(`node ${id} ${version}`, 'from the registry'),
});

const waiting = ([url, { disabled }]: readonly [string, OfGit]): readonly Line[] =>
  disabled ? [lost(titleOf(url), 'it is disabled, and a version holds what is active')] : [];
