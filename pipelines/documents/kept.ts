import type { Interpreter } from '#engine';
import type * as z from 'zod';

import type { Pins } from '../../tasks/gather-pins.ts';
import type { GitPin } from '../../tasks/git-pin.ts';
import type { PackRelease } from '../../tasks/pack-release.ts';
import type { LockedModel, LockedNode, Lockfile } from './lockfile.ts';
import type { VersionModel } from './models.ts';
import type { VersionNode } from './nodes.ts';
import { present } from './present.ts';

/** What of a lockfile stays as it is when its version is validated again. */
export interface Kept {
  readonly core?: Locked | undefined;
  /** By name of the directory, and for registry packs by id as well. */
  readonly nodes: ReadonlyMap<string, LockedNode>;
  readonly models: ReadonlyMap<string, LockedModel>;
  readonly closure?: z.input<typeof Pins>['closure'] | undefined;
}

type Locked = { readonly repo: string } & z.input<typeof GitPin>;

/** Which entries are to move: none, those named, or (an empty list) all. */
export type Update = readonly string[] | undefined;

/**
 * What stays: without `update` everything that still answers what the version asks. The wheels stay while nobody who asks
 * for packages has changed.
 */
export function keptOf(
  lock: Lockfile | undefined,
  update: Update,
  unchanged: boolean,
  { platform }: Interpreter,
): Kept {
  if (lock === undefined || update?.length === 0) return { nodes: new Map(), models: new Map() };
  const moves = (...names: readonly string[]): boolean => names.some((name) => update?.includes(name));
  const nodes = lock.nodes.filter((node) => !moves(...namesOf(node)));
  const models = lock.models.filter(({ path }) => !moves(path, path.split('/').at(-1)!));
  const block = lock.python.platforms.find((one) => one.platform === platform || one.platform === 'any');
  return {
    core: moves('core', 'comfy', 'ComfyUI') ? undefined : lock.core,
    nodes: new Map(nodes.flatMap((node) => namesOf(node).map((name) => [name, node]))),
    models: new Map(models.map((model) => [model.path, model])),
    closure: unchanged && update === undefined && block !== undefined ? { wheels: block.wheels } : undefined,
  };
}

const namesOf = (node: LockedNode): readonly string[] =>
  node.kind === 'registry' ? [node.name, node.id] : [node.name];

/** The pin of a repository, if it is the one that is asked for. */
export function keptCommit(
  locked: Locked | LockedNode | undefined,
  asked: { readonly repo: string; readonly commit?: string; readonly ref?: string },
): z.input<typeof GitPin> | undefined {
  if (locked === undefined || !('commit' in locked) || locked.repo !== asked.repo) return undefined;
  const { commit, ref } = locked;
  const same =
    asked.commit === undefined
      ? asked.ref === undefined || [asked.ref, `refs/heads/${asked.ref}`, `refs/tags/${asked.ref}`].includes(ref ?? '')
      : asked.commit === commit;
  return same ? present({ commit, ref }) : undefined;
}

/** The release of a registry pack, if it is the one that is asked for. */
export function keptRelease(
  { nodes }: Kept,
  asked: Extract<VersionNode, { kind: 'registry' }>,
): z.input<typeof PackRelease> | undefined {
  const locked = nodes.get(asked.id);
  if (locked?.kind !== 'registry') return undefined;
  return ['latest', locked.version].includes(asked.version) ? locked : undefined;
}

/** The pin of a model, if its sources and its checksum still fit. */
export function keptModel({ models }: Kept, { path, checksum, sources }: VersionModel): LockedModel | undefined {
  const locked = models.get(path);
  const same = locked?.sources.some((source) => sources.includes(source));
  const fits = checksum?.algorithm !== 'sha256' || checksum.hex === locked?.sha256;
  return same && fits ? locked : undefined;
}
