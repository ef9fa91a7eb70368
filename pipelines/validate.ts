import type * as z from 'zod/mini';

import { definePipeline, type Interpreter, type Later, type Step } from '#engine';
import { fetchCore } from '../tasks/fetch-core.ts';
import { fetchNode } from '../tasks/fetch-node.ts';
import { fetchPack } from '../tasks/fetch-pack.ts';
import { findReleases, type FoundRelease } from '../tasks/find-releases.ts';
import { findRepository } from '../tasks/find-repository.ts';
import { gatherPins, type Pins } from '../tasks/gather-pins.ts';
import type { GitPin } from '../tasks/git-pin.ts';
import { measureWheels } from '../tasks/measure-wheels.ts';
import { readRequirements } from '../tasks/read-requirements.ts';
import type { Requirement } from '../tasks/requirement.ts';
import { resolveCommit } from '../tasks/resolve-commit.ts';
import { resolveModel } from '../tasks/resolve-model.ts';
import { resolvePack } from '../tasks/resolve-pack.ts';
import { resolveWheels } from '../tasks/resolve-wheels.ts';
import { takeSnapshot } from '../tasks/take-snapshot.ts';
import type { NodeId, NodeName } from '../tasks/vocabulary.ts';
import type { VersionNode } from './documents/nodes.ts';
import type { Platform } from './documents/platforms.ts';
import type { Version } from './documents/version.ts';
import { present } from './documents/present.ts';
import { type Kept, keptCommit, keptModel, keptNightly, keptRelease } from './documents/kept.ts';

/** What validating needs to know before it can plan. */
export interface ValidateFacts {
  readonly version: Version;
  /** What of the lockfile that is there stays as it is: everything that nobody asked to move. */
  readonly kept: Kept;
  readonly interpreter: Interpreter;
  /** The requirement lines of `python_packages`, checked. */
  readonly packages: readonly Requirement[];
  /** Those of `python.overrides`. */
  readonly overrides: readonly Requirement[];
  /** The kinds of machine it is locked for. */
  readonly platforms: readonly Platform[];
}

/** Asks about today whatever is not pinned yet, and gathers the answers for the lockfile. Makes nothing in the target. */
export const validate = definePipeline({
  name: 'validate',
  summary: 'Resolve a version: check it, pin all of it, write its lockfile',

  read: (facts: ValidateFacts) => facts,

  plan({ version, kept, interpreter, packages, overrides, platforms }): Step<Pins> {
    const { repo } = version.core;
    const core = keptCommit(kept.core, version.core) ?? pinOf('ComfyUI', version.core);
    const told = askAtOnce(version.nodes, kept);
    const nodes = version.nodes.map((node) => pinNode(node, { kept, told }));
    const askers = [
      readRequirements({ name: 'core', fetched: fetchCore({ repo, pin: core }) }),
      ...nodes.filter((_, index) => version.nodes[index]!.install_requirements).map(({ asks }) => asks),
      ...(packages.length === 0 ? [] : [{ name: 'python_packages', requirements: packages }]),
    ];
    const { index_url: indexUrl, extra_index_urls: extraIndexUrls } = version.python;
    return gatherPins({
      core,
      nodes,
      closures: platforms.map((platform, index) => {
        const was = kept.closures[index];
        if (was?.is === 'kept') return was.closure;
        const before = was?.is === 'before' ? was.before : undefined;
        const where = { ...platform, interpreter, indexUrl, extraIndexUrls };
        return measureWheels(resolveWheels(present({ askers, overrides, before, ...where })));
      }),
      models: version.models.map((model) => keptModel(kept, model) ?? resolveModel(askOf(model))),
    });
  },
});

const askOf = ({ path, sources, checksum }: Version['models'][number]) => ({
  path,
  sources: [...sources],
  ...(checksum && { [checksum.algorithm]: checksum.hex }),
});

/** A full commit is its own pin; anything else is asked for. */
const pinOf = (name: string, { repo, commit, ref }: GitPinWanted): Later<z.input<typeof GitPin>> =>
  commit === undefined ? resolveCommit(present({ name, repo, ref })) : present({ commit, ref });

type GitPinWanted = Version['core'];

/** One question for every release that is named exactly and not pinned yet; no question where there is none such. */
function askAtOnce(nodes: readonly VersionNode[], kept: Kept): Told {
  const wanted = nodes.flatMap((node) =>
    node.kind !== 'registry' || ['latest', 'nightly'].includes(node.version) || keptRelease(kept, node) !== undefined
      ? []
      : [{ id: node.id, version: node.version }],
  );
  return wanted.length === 0 ? undefined : findReleases({ wanted });
}

type Told = Step<FoundRelease[]> | undefined;

/** The pin of one node, and what its sources ask for. */
function pinNode(node: VersionNode, { kept, told }: { readonly kept: Kept; readonly told: Told }) {
  switch (node.kind) {
    case 'git': {
      const { name, repo } = node;
      const git = keptCommit(kept.nodes.get(name), node) ?? pinOf(name, node);
      return { git, asks: readRequirements({ name, fetched: fetchNode({ name, repo, pin: git }) }) };
    }
    case 'registry': {
      const { id, version } = node;
      const name = node.name ?? id;
      if (version === 'nightly') return pinNightly({ id, name }, kept);
      const exact = version === 'latest' ? undefined : told;
      const release = keptRelease(kept, node) ?? resolvePack(present({ id, version, told: exact }));
      return { release, asks: readRequirements({ name, fetched: fetchPack({ name, release }) }) };
    }
    case 'local': {
      const snapshot = takeSnapshot({ name: node.name, path: node.path });
      return { snapshot, asks: readRequirements({ name: node.name, fetched: snapshot }) };
    }
  }
}

/** The newest of a pack's sources: a node from git, whose repository the registry knows. */
function pinNightly({ id, name }: { readonly id: NodeId; readonly name: NodeName | NodeId }, kept: Kept) {
  const locked = keptNightly(kept, id);
  const repo = locked?.repo ?? findRepository({ id });
  const git = locked?.pin ?? resolveCommit({ name, repo });
  return { repo, git, asks: readRequirements({ name, fetched: fetchNode({ name, repo, pin: git }) }) };
}
