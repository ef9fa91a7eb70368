import { posix } from 'node:path';

import * as z from 'zod/mini';

import { GitRef, LocalPath, NodeId, NodeName, SemVer } from '../../tasks/vocabulary.ts';

import { addProblem, below, check, type Findings, type Place, refuseTwice } from './findings.ts';
import { type GitPin, lastPart, readPin, readRepository } from './git-pin.ts';
import { present } from './present.ts';
import { type GitSource, portable, repositoryOf } from './sources.ts';
import { Flag, tidy } from './tidy.ts';

/** What a person wants of a node, wherever it comes from. */
interface Wishes {
  /** Whether what the node's `requirements.txt` asks for enters the Python environment. */
  readonly install_requirements: boolean;
  /** Whether the node's `install.py` is run. */
  readonly run_install: boolean;
}

/** A node of a version. Only a registry node may have no name: its own spelling is known when it is resolved. */
export type VersionNode =
  | (Wishes & GitPin & { readonly kind: 'git'; readonly name: NodeName; readonly repo: GitSource })
  | (Wishes & {
      readonly kind: 'registry';
      readonly name?: NodeName;
      readonly id: NodeId;
      readonly version: NodeVersion;
    })
  | (Wishes & { readonly kind: 'local'; readonly name: NodeName; readonly path: LocalPath });

/** Which release of a registry node is wanted. */
type NodeVersion = z.infer<typeof NodeVersion>;
const NodeVersion = z.pipe(
  z.string().check(z.overwrite((text) => text.replace(/^v(?=\d)/i, ''))),
  z.union([z.literal(['latest', 'nightly']), SemVer], 'Expected `latest`, `nightly` or a version such as 1.0.2'),
);

/** An entry of `custom_nodes` in one document; what it leaves out may stand in the document it extends. */
export interface NodeDraft extends Partial<Wishes> {
  readonly place: Place;
  readonly name?: NodeName;
  readonly origin: { readonly id?: NodeId; readonly repo?: GitSource; readonly path?: LocalPath };
  readonly pin?: GitPin & { readonly version?: NodeVersion };
}

const TargetDir = z.pipe(
  z.string().check(
    z.regex(
      /^(?:\$COMFY_HOME\/|\$\{COMFY_HOME\}\/|\.\/)?custom_nodes\/[^/]+\/?$/,
      'Expected $COMFY_HOME/custom_nodes/<name>: a node lies nowhere else',
    ),
    z.overwrite((path) => posix.basename(path)),
  ),
  NodeName,
);

/** The fields of an entry of `custom_nodes`. */
export const NodeEntry = z.object({
  name: z.optional(NodeName),
  id: z.optional(NodeId),
  version: z.optional(NodeVersion),
  repo: z.optional(z.string()),
  ref: z.optional(GitRef),
  commit: z.optional(z.string()),
  path: z.optional(z.string()),
  target_dir: z.optional(TargetDir),
  install_requirements: z.optional(Flag),
  run_install: z.optional(Flag),
});

/** Reads one entry of `custom_nodes`. `target_dir` names the directory, before `name` does. */
export function readNode(root: string, value: unknown, place: Place, findings: Findings): NodeDraft | undefined {
  const fields = tidy(value, { keys: Object.keys(NodeEntry.shape) }, place, findings);
  const entry = fields && check(NodeEntry, fields, place, findings);
  if (entry === undefined) return undefined;
  const repo = entry.repo === undefined ? undefined : readRepository(root, entry.repo, place, findings);
  const path =
    entry.path === undefined ? undefined : check(LocalPath, portable(root, entry.path), below(place, 'path'), findings);
  if ((repo === undefined && entry.repo !== undefined) || (path === undefined && entry.path !== undefined))
    return undefined;
  const pin = present({ ...readPin(entry, place, findings), version: entry.version });
  return present({
    place,
    name: entry.target_dir ?? entry.name,
    origin: present({ id: entry.id, repo, path }),
    pin: Object.keys(pin).length > 0 ? pin : undefined,
    install_requirements: entry.install_requirements,
    run_install: entry.run_install,
  });
}

const fold = (name: string): string => name.normalize('NFC').toLowerCase();
const nameOf = ({ name, origin }: NodeDraft): string => name ?? origin.id ?? lastPart(origin.repo ?? origin.path ?? '');

/** Whether two entries of two documents mean one node. */
export const sameNode = (a: NodeDraft, b: NodeDraft): boolean =>
  a.origin.id !== undefined && b.origin.id !== undefined
    ? fold(a.origin.id) === fold(b.origin.id)
    : nameOf(a) !== '' && fold(nameOf(a)) === fold(nameOf(b));

/** One node out of two documents: the child's fields win. A new origin or pin replaces the old one whole. */
export function mergeNode(parent: NodeDraft, child: NodeDraft): NodeDraft {
  const { id, repo, path } = child.origin;
  const moved =
    (id ?? parent.origin.id) !== parent.origin.id ||
    (repo ?? parent.origin.repo) !== parent.origin.repo ||
    (path ?? parent.origin.path) !== parent.origin.path;
  return present({
    ...parent,
    ...child,
    origin: moved ? child.origin : parent.origin,
    pin: child.pin ?? (moved ? undefined : parent.pin),
  });
}

/** What no other node of a version may have, in words: a directory, an id, a repository. */
export const claimsOf = (draft: NodeDraft): readonly string[] =>
  [
    nameOf(draft) === '' ? undefined : `The directory custom_nodes/${fold(nameOf(draft))}`,
    draft.origin.id && `The id ${fold(draft.origin.id)}`,
    draft.origin.repo && `The repository ${repositoryOf(draft.origin.repo)}`,
  ].filter((claim) => claim !== undefined);

/** The nodes of a version, once its documents are merged. No two may want one directory, id or repository. */
export function finishNodes(drafts: readonly NodeDraft[], findings: Findings): readonly VersionNode[] {
  refuseTwice(drafts, ({ place }) => place, claimsOf, findings);
  return drafts.map((draft) => finishNode(draft, findings)).filter((node) => node !== undefined);
}

function finishNode(draft: NodeDraft, findings: Findings): VersionNode | undefined {
  const { place, origin, pin = {} } = draft;
  const refuse = (problem: string, ...path: readonly string[]): undefined =>
    addProblem(findings, below(place, ...path), problem) as undefined;
  if (Object.keys(origin).length === 0)
    return refuse('Does not say where the node comes from: give `repo`, `id` or `path`');
  if (Object.keys(origin).length > 1) return refuse('A node comes from one place: give `repo`, `id` or `path`');
  const { version, ...gitPin } = pin;
  const wishes = { install_requirements: draft.install_requirements ?? true, run_install: draft.run_install ?? false };
  if (origin.id === undefined && version !== undefined)
    return refuse('Only a registry node has one: pin a repository with `commit` or `ref`', 'version');
  if (origin.repo === undefined && Object.keys(gitPin).length > 0)
    return refuse('Only a node with a `repo` has a `commit` or `ref`', gitPin.commit === undefined ? 'ref' : 'commit');
  if (origin.id !== undefined)
    return present({
      kind: 'registry' as const,
      name: draft.name,
      id: origin.id,
      version: version ?? 'latest',
      ...wishes,
    });
  const name = check(NodeName, nameOf(draft), below(place, 'name'), findings);
  if (name === undefined) return undefined;
  if (origin.repo !== undefined) return { kind: 'git', name, repo: origin.repo, ...gitPin, ...wishes };
  return { kind: 'local', name, path: origin.path!, ...wishes };
}
