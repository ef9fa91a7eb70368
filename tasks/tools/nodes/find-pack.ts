import { basename } from 'node:path';

import { compactRepositoryUrl } from '../git/repository-url.ts';
import type { AskedNode } from './asked-node.ts';
import type { Identity } from './identity.ts';
import type { NodeState } from './state.ts';

type Known = Exclude<Identity, { kind: 'unknown' }>;

/**
 * The directories that hold a pack, from the registry or from git, active or not. `repository` is where the registry says
 * that it comes from. Metadata alone counts: a directory's name only finds what is unknown otherwise.
 */
export function directoriesOf(
  asked: AskedNode,
  nodes: readonly NodeState[],
  repository?: string,
): readonly NodeState[] {
  const known = nodes.flatMap(({ identity, ...node }) => (identity.kind === 'unknown' ? [] : [{ ...node, identity }]));
  const aux = 'repo' in asked.by ? asked.by.repo : repository;
  const named = known.filter(({ identity }) => isNamed(identity, asked, aux));
  const ids = new Set(named.flatMap(({ identity }) => identity.cnrId ?? []));
  const sources = new Set(named.flatMap(({ identity }) => identity.auxId?.toLowerCase() ?? []));
  // A pack has one id, whatever else is published from its repository.
  const found = known.filter(({ identity: { cnrId, auxId } }) =>
    cnrId !== undefined && ids.size > 0 ? ids.has(cnrId) : auxId !== undefined && sources.has(auxId.toLowerCase()),
  );
  if (found.length > 0 || !('id' in asked.by)) return found;
  const { id } = asked.by;
  return nodes.filter(({ identity, path }) => identity.kind === 'unknown' && labelOf(path) === id);
}

function isNamed({ cnrId, auxId, name, kind }: Known, { by, key }: AskedNode, repository: string | undefined): boolean {
  const isFrom = repository !== undefined && auxId?.toLowerCase() === compactRepositoryUrl(repository).toLowerCase();
  if ('repo' in by) return isFrom;
  // A checkout without a `pyproject.toml` is called as its repository is.
  return cnrId === undefined ? isFrom || (kind === 'nightly' && name.toLowerCase() === key) : cnrId === key;
}

/** What a directory would be called if it were active: a mere label. */
const labelOf = (path: string): string =>
  basename(path)
    .replace(/\.disabled$/, '')
    .replace(/@[^@]*$/, '');
