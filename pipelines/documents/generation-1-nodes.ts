import { existsSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

import * as z from 'zod/mini';

import { LocalPath, NodeName } from '../../tasks/vocabulary.ts';

import type { Draft } from './draft.ts';
import { addWarning, below, check, type Findings, type Place } from './findings.ts';
import { lastPart, readPin, readRepository } from './git-pin.ts';
import type { NodeDraft } from './nodes.ts';
import { present } from './present.ts';
import { type GitSource, outside, repositoryOf } from './sources.ts';
import { tidy } from './tidy.ts';

/** A repository, or a directory of the machine that wrote the lock. */
const Entry = z.object({
  name: z.optional(NodeName),
  repo: z.optional(z.string()),
  commit: z.optional(z.string()),
  path: z.optional(z.string()),
});
type Entry = z.infer<typeof Entry>;

/** The core and the nodes of a lock, still to be read. */
interface Checkouts {
  readonly root: string;
  readonly place: Place;
  readonly comfyui: unknown;
  readonly nodes: readonly (readonly [unknown, Place])[];
}

/** Reads `comfyui` and `custom_nodes` of a generation 1 lock. A `path` counts only where it leads somewhere on this machine. */
export function readCheckouts(
  { root, place, comfyui, nodes }: Checkouts,
  findings: Findings,
): Pick<Draft, 'core' | 'nodes'> {
  const at = below(place, 'comfyui');
  const found = comfyui === undefined ? {} : readEntry(comfyui, at, findings);
  const entries = nodes.flatMap(([value, where]) => {
    const entry = readEntry(value, where, findings);
    return entry === undefined ? [] : [{ entry, where }];
  });
  sayUnusedPaths([...(found ? [found] : []), ...entries.map(({ entry }) => entry)], place, findings);
  const core = found && readCore(root, found, at, findings);
  const drafts = entries.map(({ entry, where }) => readNode(root, entry, where, findings));
  return present({
    core,
    nodes: withoutTwins(
      drafts.filter((draft) => draft !== undefined),
      findings,
    ),
  });
}

const readEntry = (value: unknown, place: Place, findings: Findings): Entry | undefined => {
  const fields = tidy(value, { keys: Object.keys(Entry.shape) }, place, findings);
  return fields && check(Entry, fields, place, findings);
};

/** Locks hold absolute paths of the machine they were written on; a repository says better what was there. */
function sayUnusedPaths(entries: readonly Entry[], place: Place, findings: Findings): void {
  const [first, ...others] = entries.flatMap(({ repo, path }) =>
    repo === undefined || path === undefined ? [] : [path],
  );
  if (first === undefined) return;
  const which = others.length === 0 ? first : `${first} and ${others.length} more`;
  addWarning(findings, place, `A \`path\` beside a \`repo\` is not used: ${which}`);
}

const official = 'https://github.com/comfyanonymous/ComfyUI' as GitSource;

function readCore(root: string, { repo, path, ...entry }: Entry, place: Place, findings: Findings): Draft['core'] {
  const pin = readPin(entry, place, findings) ?? {};
  const source = coreSource(root, { repo, path, place }, findings);
  if (entry.commit === undefined) sayUnpinned(place, findings);
  return present({ ...pin, repo: source });
}

/** The repository that a lock names; that of ComfyUI itself where it names none that can be reached from here. */
function coreSource(
  root: string,
  { repo, path, place }: Pick<Entry, 'repo' | 'path'> & { readonly place: Place },
  findings: Findings,
) {
  if (repo !== undefined) {
    if (path !== undefined && lastPart(path).toLowerCase() !== lastPart(repo).toLowerCase())
      addWarning(
        findings,
        below(place, 'repo'),
        `Is ComfyUI in it? The directory was called ${lastPart(path)}; without a .git of its own, the repository around it was recorded`,
      );
    return readRepository(root, repo, place, findings);
  }
  if (path !== undefined && existsSync(join(resolve(root, path), '.git')))
    return readRepository(root, resolve(root, path), place, findings);
  const found = path === undefined ? 'No `repo`' : `No \`repo\`, and ${path} is no git repository of this machine`;
  addWarning(findings, place, `${found}: ComfyUI is taken from ${official}`);
  return official;
}

function readNode(
  root: string,
  { name, repo, path, ...entry }: Entry,
  place: Place,
  findings: Findings,
): NodeDraft | undefined {
  if (repo !== undefined) {
    const source = readRepository(root, repo, place, findings);
    const pin = readPin(entry, place, findings);
    return source && present({ place, name, origin: { repo: source }, pin });
  }
  if (path === undefined || !statSync(resolve(root, path), { throwIfNoEntry: false })?.isDirectory()) {
    const why = path === undefined ? 'no `path`' : `${path} is no directory of this machine`;
    return addWarning(
      findings,
      place,
      `Left out${name ? ` (${name})` : ''}: it has no \`repo\`, and ${why}`,
    ) as undefined;
  }
  const way = relative(root, resolve(root, path));
  const local = check(LocalPath, way.startsWith('../') ? way : `./${way}`, below(place, 'path'), findings);
  if (local?.startsWith('../')) addWarning(findings, below(place, 'path'), outside);
  return local && present({ place, name, origin: { path: local } });
}

/** Of two entries with one repository the one with a commit stays, else the first. */
function withoutTwins(drafts: readonly NodeDraft[], findings: Findings): readonly NodeDraft[] {
  const kept: NodeDraft[] = [];
  for (const draft of drafts) {
    const { repo } = draft.origin;
    const index = repo === undefined ? -1 : kept.findIndex(({ origin }) => isSame(origin.repo, repo));
    const first = kept[index];
    if (first === undefined) {
      kept.push(draft);
      continue;
    }
    const [stays, goes] = first.pin === undefined && draft.pin !== undefined ? [draft, first] : [first, draft];
    kept[index] = stays;
    const why = goes.pin === undefined && stays.pin !== undefined ? ', and has a commit' : '';
    addWarning(
      findings,
      goes.place,
      `Left out (${nameOf(goes)}): ${stays.place.at} (${nameOf(stays)}) is the same repository${why}`,
    );
  }
  for (const { place, origin, pin } of kept) if (origin.repo && pin === undefined) sayUnpinned(place, findings);
  return kept;
}

const isSame = (a: GitSource | undefined, b: GitSource): boolean =>
  a !== undefined && repositoryOf(a) === repositoryOf(b);

const nameOf = ({ name, origin }: NodeDraft): string => name ?? lastPart(origin.repo ?? '');

const sayUnpinned = (place: Place, findings: Findings): void =>
  addWarning(
    findings,
    place,
    'No commit: the newest of the default branch is looked up once, and pinned in our lockfile',
  );
