import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';

import { type Sha256, sha256Of } from '#cache';
import { canonical } from '#engine';

import type { VersionId } from '../../tasks/vocabulary.ts';

import { type Draft, merge } from './draft.ts';
import type { Env } from './env.ts';
import { readChain } from './extends.ts';
import { addProblem, addWarning, type Findings, refuseProblems } from './findings.ts';
import { readLockAlone } from './generation-1.ts';
import type { GitPin } from './git-pin.ts';
import { nameIn, parseId, versionPath } from './ids.ts';
import { finishModels, type VersionModel } from './models.ts';
import { finishNodes, type VersionNode } from './nodes.ts';
import { present } from './present.ts';
import type { VersionPython } from './python.ts';
import type { GitSource } from './sources.ts';

/** What a version asks for, whatever the generation of its documents. Local sources are relative to the project root. */
export interface Version {
  readonly id: VersionId;
  readonly description?: string;
  /** Where it is realized unless told otherwise: absolute, or relative to the project root. */
  readonly target?: string;
  /** A directory in which wheels are looked for first: absolute, or relative to the project root. */
  readonly wheels?: string;
  readonly core: GitPin & { readonly repo: GitSource };
  readonly nodes: readonly VersionNode[];
  readonly models: readonly VersionModel[];
  readonly python: VersionPython;
  /** As written: `${NAME}` stands for a variable of the caller. */
  readonly env: Env;
  readonly options: { readonly offline: boolean; readonly skip_models: boolean };
}

/** Which version is meant, and where. */
type Which = ({ readonly id: string } | { readonly file: string }) & {
  readonly root: string;
  /** Where a lock of generation 1 is looked for when the project has none; the root unless it is said. */
  readonly cwd?: string;
  /** The absolute path of a generation 1 lock. A version of that id need not have a document then. */
  readonly lock?: string;
};

/** A version as it was read. */
interface Read {
  readonly version: Version;
  readonly file: string;
  /** Where locks of generation 1 were looked for. */
  readonly locks: readonly string[];
  readonly warnings: readonly string[];
}

/** Reads a version by its id, or by its file, with everything it extends. All that is wrong comes in one failure. */
export function readVersion(what: Which): Read {
  const { root, cwd = root, lock } = what;
  const file = 'file' in what ? resolve(root, what.file) : versionPath(root, parseId(what.id));
  const findings: Findings = { problems: [], warnings: [] };
  if (lock !== undefined && 'id' in what && !existsSync(file)) {
    const draft = readLockAlone(root, lock, parseId(what.id), findings);
    return { version: finishVersion(draft, findings), file: lock, locks: [lock], warnings: findings.warnings };
  }
  const chain = readChain(present({ root, cwd, lock }), file, findings);
  const draft = chain.reduceRight((parent, child) => merge(parent, child));
  const name = basename(file, '.json');
  if (draft.id !== undefined && draft.id !== name)
    addWarning(
      findings,
      { file: nameIn(root, file), at: 'version_id' },
      `The file is named ${name}, but the id is ${draft.id}`,
    );
  const locks = chain.flatMap((one) => one.locks ?? []);
  return { version: finishVersion(draft, findings), file, locks, warnings: findings.warnings };
}

/** A merged document as a version. Throws what is wrong with it. */
export function finishVersion(draft: Draft, findings: Findings): Version {
  const { place, id, description, target, wheels, core, python } = draft;
  const nodes = finishNodes(draft.nodes, findings);
  const models = finishModels(draft.models, findings);
  const { problems } = findings;
  if (core?.repo === undefined && !problems.some(({ at }) => at.startsWith('comfy')))
    addProblem(findings, { file: place.file, at: 'comfy.repo' }, 'Missing: the repository of ComfyUI');
  refuseProblems(findings);
  return present({
    // Neither is undefined here: each would have been a problem.
    id: id!,
    core: { ...core, repo: core!.repo! },
    description,
    target,
    wheels,
    nodes,
    models,
    python: {
      ...python,
      extra_index_urls: python.extra_index_urls ?? [],
      overrides: python.overrides ?? [],
      packages: [...(python.packages ?? []), ...(draft.packages ?? [])],
    },
    env: draft.env,
    options: { offline: false, skip_models: false, ...draft.options },
  });
}

/**
 * Digest of what a version asks for: a lockfile that carries another one is stale. Its description, directories of a
 * machine, and the order of nodes and models do not matter.
 */
export function versionDigest(version: Version): Sha256 {
  const { description: _description, target: _target, wheels: _wheels, ...asked } = version;
  return sha256Of(canonical({ ...asked, nodes: sorted(asked.nodes), models: sorted(asked.models) }));
}

const sorted = (elements: readonly unknown[]): readonly string[] =>
  elements.map((element) => canonical(element)).toSorted();
