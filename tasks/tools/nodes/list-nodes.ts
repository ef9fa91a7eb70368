import type { NodeState } from './state.ts';

/** One pack as `pipeline node list --json` shows it. `path` is counted from the target. */
export interface ListedNode {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly kind: 'cnr' | 'nightly' | 'unknown';
  readonly enabled: boolean;
  readonly cnr_id: string | null;
  readonly aux_id: string | null;
  readonly path: string;
  readonly commit: string | null;
}

/**
 * One entry for each pack: an active one hides those that wait; of those that wait a release of the registry hides a
 * checkout, and a newer one an older one. `all` hides nothing. Sorted by name.
 */
export function listNodes(nodes: readonly NodeState[], { all }: { readonly all: boolean }): readonly ListedNode[] {
  const groups = groupPacks(nodes);
  const shown = all ? nodes : groups.map((group) => group.toSorted(byPriority)[0]!);
  return shown
    .map(listed)
    .toSorted((a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()) || compare(a.path, b.path));
}

function listed({ at, enabled, identity }: NodeState): ListedNode {
  const unknown = identity.kind === 'unknown';
  return {
    id: unknown ? identity.name : identity.id,
    name: identity.name,
    version: unknown ? 'unknown' : identity.version,
    kind: identity.kind,
    enabled,
    cnr_id: unknown ? null : (identity.cnrId ?? null),
    aux_id: unknown ? null : (identity.auxId ?? null),
    path: at,
    commit: identity.kind === 'nightly' ? (identity.commit ?? null) : null,
  };
}

/** Directories of one pack together. A checkout that names no id belongs to the pack of its repository. */
function groupPacks(nodes: readonly NodeState[]): readonly (readonly NodeState[])[] {
  const idOf = new Map<string, string>();
  for (const { identity } of nodes)
    if (identity.kind !== 'unknown' && identity.cnrId !== undefined && identity.auxId !== undefined)
      idOf.set(identity.auxId.toLowerCase(), identity.cnrId);
  const groups = new Map<string, NodeState[]>();
  for (const node of nodes) {
    const { identity } = node;
    const aux = identity.kind === 'unknown' ? undefined : identity.auxId?.toLowerCase();
    const id = identity.kind === 'unknown' ? undefined : (identity.cnrId ?? idOf.get(aux!));
    const key = id === undefined ? (aux === undefined ? `path ${node.at}` : `from ${aux}`) : `id ${id}`;
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  return [...groups.values()];
}

const ranks = { cnr: 0, nightly: 1, unknown: 2 } as const;

function byPriority(a: NodeState, b: NodeState): number {
  return (
    Number(b.enabled) - Number(a.enabled) ||
    ranks[a.identity.kind] - ranks[b.identity.kind] ||
    compareVersions(versionOf(b), versionOf(a)) ||
    compare(a.at, b.at)
  );
}

const versionOf = ({ identity }: NodeState): string => (identity.kind === 'cnr' ? identity.version : '');

/** Orders semantic versions, lower first; what is none comes before all. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [precedence(a), precedence(b)];
  for (let n = 0; n < 3; n += 1) if (x.core[n] !== y.core[n]) return (x.core[n] ?? -1) - (y.core[n] ?? -1);
  if (x.labels.length === 0 || y.labels.length === 0)
    return Number(x.labels.length === 0) - Number(y.labels.length === 0);
  for (let n = 0; n < Math.max(x.labels.length, y.labels.length); n += 1) {
    const [one, other] = [x.labels[n], y.labels[n]];
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    const difference = compareLabels(one, other);
    if (difference !== 0) return difference;
  }
  return 0;
}

function precedence(version: string): { readonly core: readonly number[]; readonly labels: readonly string[] } {
  const [, core = '', labels] = /^(\d+\.\d+\.\d+)(?:-([^+]+))?(?:\+.*)?$/.exec(version) ?? [];
  return { core: core === '' ? [] : core.split('.').map(Number), labels: labels?.split('.') ?? [] };
}

/** Numbers come before words, and are compared as numbers. */
function compareLabels(a: string, b: string): number {
  const [x, y] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (x && y) return Number(a) - Number(b);
  return x === y ? compare(a, b) : x ? -1 : 1;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
