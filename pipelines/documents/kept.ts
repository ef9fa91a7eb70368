import { Failed, type Interpreter } from '#engine';
import type * as z from 'zod/mini';

import type { Pins } from '../../tasks/gather-pins.ts';
import type { GitPin } from '../../tasks/git-pin.ts';
import type { ModelPin } from '../../tasks/model-pin.ts';
import type { PackRelease } from '../../tasks/pack-release.ts';
import type { GitUrl } from '../../tasks/vocabulary.ts';
import { anchorLock } from './anchor.ts';
import type { LockedModel, LockedNode, Lockfile } from './lockfile.ts';
import type { VersionModel } from './models.ts';
import { nearest } from './nearest.ts';
import type { VersionNode } from './nodes.ts';
import { platformOf, platformsOf, pythonOf } from './platforms.ts';
import { present } from './present.ts';
import { identityOf, isExact } from './sources.ts';
import type { Version } from './version.ts';

/** What of a lockfile stays as it is when its version is validated again. */
export interface Kept {
  readonly core?: Locked | undefined;
  /** By name of the directory, and for registry packs by id as well. */
  readonly nodes: ReadonlyMap<string, LockedNode>;
  readonly models: ReadonlyMap<string, LockedModel>;
  /** For each kind of machine: the closure that stays, or the one before, of which as much stays as can. */
  readonly closures: readonly KeptClosure[];
}

/** `moving` are the packages that are to be chosen anew; none means those that must. */
export type KeptClosure =
  | { readonly is: 'kept'; readonly closure: z.input<typeof Pins>['closures'][number] }
  | {
      readonly is: 'before';
      readonly before: z.input<typeof Pins>['closures'][number] & { readonly moving: readonly string[] };
    }
  | { readonly is: 'new' };

type Locked = { readonly repo: string } & z.input<typeof GitPin>;

/** Which entries are to move: none, those named, or (an empty list) all. */
export type Update = readonly string[] | undefined;

/** What is known when a lockfile is looked through. `root` is the project's, `unchanged` says that the version is still the locked one. */
interface Circumstances {
  readonly root: string;
  readonly update: Update;
  readonly unchanged: boolean;
  readonly version: Version;
  readonly interpreter: Interpreter;
}

/**
 * What stays: without `update` everything that still answers what the version asks. The wheels stay while nobody who asks
 * for packages has changed; when somebody has, those that he does not concern.
 */
export function keptOf(lock: Lockfile | undefined, circumstances: Circumstances): Kept {
  const { root, update } = circumstances;
  if (lock === undefined || update?.length === 0) return { nodes: new Map(), models: new Map(), closures: [] };
  // What is asked names paths of this machine.
  const { core, nodes, models } = anchorLock(lock, root);
  const isMoved = (names: readonly string[]): boolean => names.some((name) => update?.includes(name));
  return {
    core: isMoved(coreNames) ? undefined : core,
    nodes: new Map(
      nodes
        .filter((node) => !isMoved(namesOfNode(node)))
        .flatMap((node) => namesOfNode(node).map((name) => [name, node])),
    ),
    models: new Map(models.filter(({ path }) => !isMoved(namesOfModel(path))).map((model) => [model.path, model])),
    closures: isMoved(pythonNames) ? [] : keptClosures(lock, circumstances, isMoved),
  };
}

/** The closures of a lockfile that are of the machines and the Python of the version, in the order of its platforms. */
function keptClosures(
  lock: Lockfile,
  { root, update = [], unchanged, version, interpreter }: Circumstances,
  isMoved: (names: readonly string[]) => boolean,
): Kept['closures'] {
  const { nodes, python } = anchorLock(lock, root);
  const wanted = platformsOf(version, interpreter);
  if (python.version !== pythonOf(version, interpreter)) return wanted.map(() => ({ is: 'new' }));
  return wanted.map(({ platform, torch }) => {
    const fitting = python.platforms.filter((block) => block.torch === torch);
    const isHere = platform === platformOf(interpreter);
    // Once, a lockfile had the release of a Mac in the name of its platform.
    const names = isHere ? [platform, interpreter.platform] : [platform];
    const own = fitting.find((block) => names.includes(block.platform));
    const block = own ?? (version.python.platforms === undefined && fitting.find((one) => one.platform === 'any'));
    if (!block) return { is: 'new' };
    const moving = block.wheels.map(({ name }) => name).filter((name) => update.map(packageName).includes(name));
    const asksAsBefore = unchanged && moving.length === 0 && ![coreNames, ...nodes.map(namesOfNode)].some(isMoved);
    const closure = present({ asked: block.asked, wheels: block.wheels });
    return asksAsBefore ? { is: 'kept', closure } : { is: 'before', before: { ...closure, moving } };
  });
}

/** As indexes compare the names of packages: `Demo_Lib` and `demo-lib` are one. */
const packageName = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');

const coreNames = ['core', 'comfy', 'ComfyUI'];
const pythonNames = ['python', 'python_packages'];
const namesOfNode = (node: LockedNode | VersionNode): readonly string[] =>
  [node.name, 'id' in node ? node.id : undefined].filter((name) => name !== undefined);
const namesOfModel = (path: string): readonly string[] => [path, path.split('/').at(-1)!];

/** Throws `usage` for a name that means nothing in the version or its lockfile: nothing would move, and nobody would be told. */
export function refuseUnknown(update: Update, { nodes, models }: Version, lock: Lockfile | undefined): void {
  const packages = new Set(lock?.python.platforms.flatMap(({ wheels }) => wheels.map(({ name }) => name)));
  const known = [
    ...coreNames,
    ...pythonNames,
    ...nodes.flatMap(namesOfNode),
    ...models.flatMap(({ path }) => namesOfModel(path)),
  ];
  const unknown = update?.find((name) => !known.includes(name) && !packages.has(packageName(name)));
  if (unknown === undefined) return;
  const meant = nearest(unknown, [...known, ...packages]);
  const problem = `--update ${unknown}: this version has nothing of that name`;
  throw new Failed({
    kind: 'usage',
    problem,
    hint: meant ? `did you mean ${meant}?` : 'name nodes, models, Python packages, core or python',
  });
}

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

/** The repository and the commit that the nightly of a registry pack was pinned to. */
export function keptNightly(
  { nodes }: Kept,
  id: string,
): { readonly repo: z.input<typeof GitUrl>; readonly pin: z.input<typeof GitPin> } | undefined {
  const locked = nodes.get(id);
  if (locked?.kind !== 'git' || locked.id !== id) return undefined;
  const { repo, commit, ref } = locked;
  return { repo, pin: present({ commit, ref }) };
}

/** The pin of a model, if its sources and its checksum still fit. */
export function keptModel(
  { models }: Kept,
  { path, checksum, sources }: VersionModel,
): z.input<typeof ModelPin> | undefined {
  const locked = models.get(path);
  if (locked === undefined) return undefined;
  const asked = new Set(sources.map(identityOf));
  const isSame = locked.sources.some((source) => asked.has(identityOf(source)));
  const fits = checksum === undefined || checksum.hex === locked[checksum.algorithm];
  if (!isSame || !fits) return undefined;
  const { sha256, size } = locked;
  const md5 = checksum?.algorithm === 'md5' ? checksum.hex : undefined;
  return present({ sha256, size, md5, exact: locked.sources.find(isExact) });
}
