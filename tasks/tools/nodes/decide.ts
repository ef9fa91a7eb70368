import { Failed } from '#engine';
import type { AskedNode } from './asked-node.ts';
import { directoriesOf } from './find-pack.ts';
import { freeSlot, parseSlot, type SlotName } from './node-slots.ts';
import type { NodeState } from './state.ts';

/** One rename, counted from the target. */
export interface NodeMove {
  readonly from: string;
  readonly to: string;
}

/** What an operation comes to. Nothing here has looked at the network, and nothing is done yet. */
export type Decision =
  | { readonly kind: 'nothing'; readonly because: string; readonly at: string }
  | {
      readonly kind: 'change';
      /** What moves, in this order, after what is removed. */
      readonly removals: readonly string[];
      readonly moves: readonly NodeMove[];
      /** Where the pack is when all is done; nowhere when it goes. */
      readonly at?: string;
      /** What is put there; without one everything is on the disk already. */
      readonly place?: Place;
    };

/** A directory that is filled from the store. */
export interface Place {
  /** Below `custom_nodes`. Not known while a fresh one still has to be fetched. */
  readonly directory?: string;
  readonly kind: SlotName['kind'];
  /** The slot that it becomes, or is already. */
  readonly slot?: SlotName;
  /** Whether another tool's directory is taken over: its path counted from the target. */
  readonly over?: NodeState;
}

/** Everything that decides an operation. */
export interface Scene {
  readonly asked: AskedNode;
  readonly nodes: readonly NodeState[];
  /** What we placed, and where. */
  readonly slots: readonly { readonly slot: string; readonly base: string }[];
  /** Where the registry says that the pack comes from. */
  readonly repository?: string;
  /** Names of everything directly below `custom_nodes`. */
  readonly occupied: readonly string[];
  /** Whether two directories hold the same, byte for byte. */
  readonly same: (one: string, other: string) => boolean;
}

/** What is to be active. `directory` is known once it has been fetched. */
export interface Wish {
  readonly version: string;
  readonly keepPrevious: boolean;
  readonly directory?: string;
}

/** The switching table: what is active goes, or changes in place; what waits comes back; what is nowhere is fetched. */
export function decideInstall(scene: Scene, wish: Wish): Decision {
  const found = packIn(scene);
  const active = soleActive(found, scene);
  if (active !== undefined && is(active, wish.version))
    return { kind: 'nothing', because: `${labelFor(active)} is active already`, at: active.at };
  const waiting = found.find((node) => !node.enabled && is(node, wish.version));
  const inPlace = waiting === undefined && active?.identity.kind === 'cnr' && wish.version !== 'nightly';
  if (inPlace && !wish.keepPrevious) return decideInPlace(active, scene);
  const { removals, moves } = active === undefined ? nothing : asideFor(active, scene);
  if (waiting !== undefined) {
    const at = `custom_nodes/${waiting.identity.name}`;
    refuseOccupied(waiting.identity.name, scene, active);
    const gone = [...removals, ...staleAt(at, scene, active)];
    return { kind: 'change', removals: gone, moves: [...moves, { from: waiting.at, to: at }], at };
  }
  const kind = wish.version === 'nightly' ? 'git' : 'registry';
  const { directory } = wish;
  if (directory === undefined) return { kind: 'change', removals, moves, place: { kind } };
  refuseOccupied(directory, scene, active);
  const at = `custom_nodes/${directory}`;
  const gone = [...removals, ...staleAt(at, scene, active)];
  return { kind: 'change', removals: gone, moves, at, place: { kind, directory, slot: free(directory, kind, scene) } };
}

const free = (directory: string, kind: SlotName['kind'], { slots }: Pick<Scene, 'slots'>): SlotName =>
  freeSlot(directory, kind, new Set(slots.map(({ slot }) => slot)));

/** A receipt of what somebody moved away by hand: it would speak of what comes there now. */
const staleAt = (at: string, { slots }: Scene, leaves: NodeState | undefined): readonly string[] =>
  at !== leaves?.at && slots.some(({ base }) => base === at) ? [at] : [];

/** The same directory becomes another version. */
export function decideInPlace(active: NodeState, { slots }: Pick<Scene, 'slots'>): Decision {
  const kind = active.identity.kind === 'nightly' ? 'git' : 'registry';
  const directory = active.path;
  const own = active.slot === undefined ? undefined : parseSlot(active.slot);
  const slot = own?.kind === kind ? own : free(directory, kind, { slots });
  const place = { kind, directory, slot, over: active } as const;
  return { kind: 'change', removals: [], moves: [], at: active.at, place };
}

/** The active pack goes, and every copy of it that waits. */
export function decideUninstall(scene: Scene): Decision {
  const found = packIn(scene);
  if (found.length === 0) throw absent(scene.asked);
  return { kind: 'change', removals: found.map(({ at }) => at), moves: [] };
}

/** The directory that an update is about. Throws when there is none, or nobody knows what it is. */
export function activeOf(scene: Scene): NodeState {
  const found = packIn(scene);
  const active = soleActive(found, scene);
  if (active !== undefined && active.identity.kind !== 'unknown') return active;
  if (active?.identity.kind === 'unknown')
    throw new Failed({
      kind: 'refused',
      what: `to update ${active.at}`,
      because: `nobody knows what it holds: ${active.identity.why}`,
      hint: [...active.identity.warnings, 'uninstall it (its files are kept), then install the pack'].join('. '),
    });
  if (found.length === 0) throw absent(scene.asked);
  throw new Failed({
    kind: 'absent',
    what: `An active ${scene.asked.key}`,
    hint: `it waits in ${found[0]!.at}: \`pipeline node install ${scene.asked.key}\` brings it back`,
  });
}

const packIn = ({ asked, nodes, repository }: Scene): readonly NodeState[] => directoriesOf(asked, nodes, repository);

function soleActive(found: readonly NodeState[], { asked }: Scene): NodeState | undefined {
  const [active, another] = found.filter(({ enabled }) => enabled);
  if (another === undefined) return active;
  throw new Failed({
    kind: 'refused',
    what: `to change ${asked.key}`,
    because: `${active!.at} and ${another.at} both hold it, and ComfyUI loads both`,
    hint: 'move one of them away, or `pipeline node uninstall` it and install it again',
  });
}

const nothing = { removals: [], moves: [] } as const;

/** What is active makes room: it waits in `.disabled`, unless the same waits there already. */
function asideFor(
  active: NodeState,
  { nodes, same }: Scene,
): { removals: readonly string[]; moves: readonly NodeMove[] } {
  const { identity } = active;
  if (identity.kind === 'unknown')
    throw new Failed({
      kind: 'refused',
      what: `to move ${active.at}`,
      because: `nobody knows what it holds: ${identity.why}`,
      hint: 'move it away yourself, then run again',
    });
  const id = (identity.cnrId ?? identity.name).toLowerCase();
  const to = `custom_nodes/.disabled/${id}@${identity.version.replaceAll('.', '_')}`;
  const there = nodes.find(({ at }) => at === to);
  const isCopy = there !== undefined && same(active.at, to);
  return { removals: isCopy ? [to] : [], moves: [{ from: active.at, to }] };
}

/** Throws when something else has the name that a pack is to have. A file system may not tell case apart. */
function refuseOccupied(directory: string, { occupied, nodes }: Scene, leaves: NodeState | undefined): void {
  const name = occupied.find((one) => one.toLowerCase() === directory.toLowerCase() && one !== leaves?.path);
  if (name === undefined) return;
  const identity = nodes.find(({ path }) => path === name)?.identity;
  const what =
    identity === undefined || identity.kind === 'unknown'
      ? 'something that is not this pack'
      : `${identity.id}, another pack`;
  throw new Failed({
    kind: 'refused',
    what: `to put a pack at custom_nodes/${directory}`,
    because: `custom_nodes/${name} is ${what}`,
    hint: `move it away, or \`pipeline node uninstall ${name}\``,
  });
}

const is = ({ identity }: NodeState, version: string): boolean =>
  identity.kind !== 'unknown' && identity.version === version;

/** A pack in words: `ComfyUI-Foo 1.0.2`. */
const labelFor = ({ identity }: NodeState): string =>
  identity.kind === 'unknown' ? identity.name : `${identity.name} ${identity.version}`;

const absent = ({ key }: AskedNode): Failed =>
  new Failed({
    kind: 'absent',
    what: `${key} in this ComfyUI directory`,
    hint: '`pipeline node list --all` shows what there is',
  });
