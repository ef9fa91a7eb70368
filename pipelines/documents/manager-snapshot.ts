import { lastPart } from './git-pin.ts';
import type { LockedNode, Lockfile } from './lockfile.ts';

/** A snapshot as ComfyUI-Manager writes and restores it: it wants every one of these fields. */
export interface ManagerSnapshot {
  readonly comfyui: string;
  readonly git_custom_nodes: Readonly<Record<string, { readonly hash: string; readonly disabled: false }>>;
  readonly cnr_custom_nodes: Readonly<Record<string, string>>;
  readonly file_custom_nodes: readonly never[];
  /** `name==version` with nothing beside it. */
  readonly pips: Readonly<Record<string, ''>>;
}

/** Something a lockfile pins that is not in the snapshot, or that Manager does not restore from it. */
export interface Loss {
  readonly what: string;
  readonly why: string;
}

/** What a lockfile pins, as a snapshot, and what a snapshot cannot hold. */
export function snapshotOf(lock: Lockfile): { readonly snapshot: ManagerSnapshot; readonly lost: readonly Loss[] } {
  const { core, nodes, python, models } = lock;
  const [platform, ...others] = python.platforms;
  const wheels = platform?.wheels ?? [];
  const git = nodes.flatMap((node) => (node.kind === 'git' && isRemote(node.repo) ? [node] : []));
  const registry = nodes.flatMap((node) => (node.kind === 'registry' ? [node] : []));
  const snapshot: ManagerSnapshot = {
    comfyui: core.commit,
    git_custom_nodes: Object.fromEntries(git.map(({ repo, commit }) => [repo, { hash: commit, disabled: false }])),
    cnr_custom_nodes: Object.fromEntries(registry.map(({ id, version }) => [id, version])),
    file_custom_nodes: [],
    pips: Object.fromEntries(wheels.map(({ name, version }) => [`${name}==${version}`, ''])),
  };
  return {
    snapshot,
    lost: [
      { what: core.repo, why: 'a snapshot has the commit of ComfyUI alone: Manager looks for it where it runs' },
      ...nodes.flatMap(lossOf),
      ...models.map(({ path }) => ({ what: `model ${path}`, why: 'a snapshot has no models' })),
      ...(wheels.length > 0
        ? [{ what: 'hashes and URLs of the wheels', why: 'a snapshot has names and versions' }]
        : []),
      ...others.map((one) => ({
        what: `packages for ${[one.platform, one.torch].filter(Boolean).join(' ')}`,
        why: 'a snapshot is of one machine',
      })),
      ...Object.keys(lock.env ?? {}).map((name) => ({ what: `env.${name}`, why: 'a snapshot has no environment' })),
    ],
  };
}

const isRemote = (repo: string): boolean => !/^(?:\.{1,2}\/|file:|demo:)/.test(repo);

function lossOf(node: LockedNode): readonly Loss[] {
  const what = `node ${node.name}`;
  const losses: Loss[] = [];
  if (node.kind === 'local' || (node.kind === 'git' && !isRemote(node.repo)))
    return [{ what, why: 'its sources are on this machine alone' }];
  const place = node.kind === 'git' ? node.repo : node.id;
  if (/comfyui-manager/i.test(place)) losses.push({ what, why: 'Manager does not restore itself' });
  if (node.kind === 'git' && lastPart(node.repo) !== node.name)
    losses.push({ what, why: `Manager clones it into custom_nodes/${lastPart(node.repo)}` });
  if (node.kind === 'registry')
    losses.push({ what: `hash of node ${node.name}`, why: 'a snapshot has its version alone' });
  if (node.install_requirements === false) losses.push({ what, why: 'Manager installs its requirements' });
  return losses;
}
