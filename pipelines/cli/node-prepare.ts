import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Entry } from '#cache';
import { Failed } from '#engine';
import { fetchNode } from '../../tasks/fetch-node.ts';
import { findPack } from '../../tasks/find-pack.ts';
import { findRelease } from '../../tasks/find-release.ts';
import { findUpdate } from '../../tasks/find-update.ts';
import { resolveCommit } from '../../tasks/resolve-commit.ts';
import { type AskedNode, repositoryOf } from '../../tasks/tools/nodes/asked-node.ts';
import { activeOf, decideInstall } from '../../tasks/tools/nodes/decide.ts';
import { editsIn } from '../../tasks/tools/nodes/edits.ts';
import { directoriesOf } from '../../tasks/tools/nodes/find-pack.ts';
import { identify, type Identity } from '../../tasks/tools/nodes/identity.ts';
import { compareVersions } from '../../tasks/tools/nodes/list-nodes.ts';
import { fetchSource, type NodeSource, type Placing } from '../node.ts';
import { ask, type NodeBench, sceneOf } from './node-bench.ts';

/** What an operation will do, as far as it had to be found out before: nothing is changed so far. */
export interface Prepared {
  /** The version that is to be active. */
  readonly version: string;
  /** In the store already. Absent where everything is on the disk. */
  readonly source?: NodeSource;
  /** Whether its sources ask for Python packages. */
  readonly asks?: boolean;
  /** What a fresh directory is called. */
  readonly directory?: string;
  /** Where the registry says that the pack comes from. */
  readonly repository?: string;
  /** A checkout that goes on to another commit, and where it was. */
  readonly forward?: { readonly at: string; readonly commit: string; readonly takesOver: Placing['takesOver'] };
}

/** There is nothing to prepare: the exit code, or what to say instead of doing anything. */
export type Settled = { readonly exitCode: number } | { readonly nothing: string; readonly at: string };

/** Finds and fetches what `install` needs. What is here already asks nobody. */
export async function prepareInstall(bench: NodeBench, asked: AskedNode): Promise<Prepared | Settled> {
  const keepPrevious = bench.flags['keep-previous'] ?? false;
  const newest = asked.version === undefined ? await newestOf(bench, asked) : undefined;
  if (newest !== undefined && 'exitCode' in newest) return newest;
  const version = asked.version ?? newest!.output.version;
  const decision = decideInstall(sceneOf(bench, asked), { version, keepPrevious });
  if (decision.kind === 'change' && decision.place === undefined) return { version };
  if (decision.kind === 'nothing') return { nothing: decision.because, at: decision.at };
  if (version !== 'nightly') return fetchVersion(bench, newest?.output.id ?? idOf(asked), version);
  return prepareClone(bench, asked);
}

async function prepareClone(bench: NodeBench, asked: AskedNode): Promise<Prepared | Settled> {
  const from = await repositoryFor(bench, asked);
  if ('exitCode' in from) return from;
  const repository = from.output;
  // It may be here already under a name that says nothing of the pack.
  const again = decideInstall(sceneOf(bench, asked, repository), { version: 'nightly', keepPrevious: false });
  if (again.kind === 'nothing') return { nothing: again.because, at: again.at };
  if (again.place === undefined) return { version: 'nightly', repository };
  const name = /([^/:]+?)(?:\.git)?\/*$/i.exec(repository)?.[1] ?? asked.key;
  const pin = await ask(bench, resolveCommit({ name, repo: repository }));
  if ('exitCode' in pin) return pin;
  const source: NodeSource = { from: 'git', name, repo: repository, pin: pin.output };
  const fetched = await fetchNow(bench, source);
  if ('exitCode' in fetched) return fetched;
  return {
    version: 'nightly',
    source,
    repository,
    asks: fetched.asks,
    directory: nameOf(fetched.identity, name),
  };
}

/** Finds and fetches what `update` needs: the newest release, or the commit that the branch of a checkout is at today. */
export async function prepareUpdate(bench: NodeBench, asked: AskedNode): Promise<Prepared | Settled> {
  const { at, identity } = activeOf(sceneOf(bench, asked));
  if (identity.kind === 'nightly') return prepareForward(bench, at, identity);
  if (identity.kind === 'unknown') throw new Error(`${at} is unknown`);
  const newest = await ask(bench, findRelease({ id: identity.cnrId, version: 'latest' }));
  if ('exitCode' in newest) return newest;
  const { id, version } = newest.output;
  if (compareVersions(version, identity.version) <= 0)
    return { nothing: `${identity.name} ${identity.version} is the newest`, at };
  return fetchVersion(bench, id, version);
}

/** Works out how a checkout goes on to what its branch is today, and refuses where something of the user's would be lost. */
async function prepareForward(
  bench: NodeBench,
  at: string,
  { name, repo, commit, branch }: Extract<Identity, { kind: 'nightly' }>,
): Promise<Prepared | Settled> {
  if (commit === undefined || branch === undefined)
    throw new Failed({
      kind: 'refused',
      what: `to update ${at}`,
      because: 'it is on no branch, so nobody knows what it follows',
      hint: `check a branch out in it, or \`pipeline node uninstall\` it and install it again`,
    });
  const ref = `refs/heads/${branch}`;
  const found = await ask(bench, findUpdate({ name, repo, ref, commit }));
  if ('exitCode' in found) return found;
  const { pin, forward } = found.output;
  if (pin.commit === commit)
    return { nothing: `${name} is at the newest commit of ${branch}, ${commit.slice(0, 7)}`, at };
  const { stash = false } = bench.flags;
  if (!forward && !stash) throw diverged(at, branch, commit);
  const source: NodeSource = { from: 'git', name, repo, pin };
  const fetched = await fetchNow(bench, source);
  if ('exitCode' in fetched) return fetched;
  if (!forward)
    return { version: 'nightly', source, asks: fetched.asks, forward: { at, commit, takesOver: undefined } };
  const before = await ask(bench, fetchNode({ name, repo, pin: { commit, ref } }));
  if ('exitCode' in before) return before;
  const tree = before.output.source;
  const entries: readonly Entry[] = await bench.open.store.entries(tree);
  const edits = await editsIn(join(bench.target, at), entries);
  if (edits.length > 0 && !stash) throw edited(at, edits);
  const takesOver = { tree, commit, ...(edits.length > 0 && { tracked: edits }) };
  return { version: 'nightly', source, asks: fetched.asks, forward: { at, commit, takesOver } };
}

const stashHint = '`--stash` keeps what is yours in .pipeline/kept, and goes on';

const diverged = (at: string, branch: string, commit: string): Failed =>
  new Failed({
    kind: 'refused',
    what: `to update ${at}`,
    because: `its commit ${commit.slice(0, 7)} is not in the history of ${branch}: it is a commit of yours, or that history was rewritten`,
    hint: `push your commits or go back to the branch; ${stashHint}`,
  });

const edited = (at: string, [first, ...others]: readonly string[]): Failed =>
  new Failed({
    kind: 'refused',
    what: `to update ${at}`,
    because: `${first}${others.length === 0 ? ' was' : ` and ${others.length} more were`} edited there`,
    hint: `undo or commit and push your changes; ${stashHint}`,
  });

async function fetchVersion(bench: NodeBench, id: string, wanted: string): Promise<Prepared | Settled> {
  const source: NodeSource = { from: 'registry', id, version: wanted, registry: bench.registry };
  const fetched = await fetchNow(bench, source);
  if ('exitCode' in fetched) return fetched;
  const { identity, version, asks } = fetched;
  if (identity.kind === 'cnr' && identity.version !== version)
    bench.emit({
      type: 'note',
      level: 'warning',
      text: `The registry calls it ${id} ${version}, but its pyproject.toml says ${identity.version}`,
    });
  return { version, source, asks, directory: nameOf(identity, id) };
}

/** Has the bytes of a source in the store, and says what they are. */
async function fetchNow(bench: NodeBench, source: NodeSource) {
  const fetched = await ask(bench, fetchSource(source));
  if ('exitCode' in fetched) return fetched;
  const { source: tree, version } = fetched.output;
  const directory = bench.open.store.pathOf(tree);
  return { identity: identify(directory), version, asks: existsSync(join(directory, 'requirements.txt')) };
}

const nameOf = (identity: Identity, otherwise: string): string =>
  identity.kind === 'unknown' ? otherwise : identity.name;

const newestOf = (bench: NodeBench, asked: AskedNode) =>
  ask(bench, findRelease({ id: idOf(asked), version: 'latest' }));

/** The repository of a pack: as it was named, as a directory of it says, else as the registry does. */
async function repositoryFor(bench: NodeBench, asked: AskedNode) {
  if ('repo' in asked.by) return { output: asked.by.repo };
  const { nodes } = sceneOf(bench, asked);
  const known = directoriesOf(asked, nodes).flatMap(({ identity }) =>
    identity.kind === 'nightly' ? identity.repo : identity.kind === 'cnr' ? (identity.auxId ?? []) : [],
  );
  const first = known[0] === undefined ? undefined : repositoryOf(known[0]);
  if (first !== undefined) return { output: first };
  const found = await ask(bench, findPack({ by: 'id', name: asked.key }));
  if ('exitCode' in found) return found;
  const repository = found.output?.repository;
  if (repository !== undefined) return { output: repository };
  throw new Failed({
    kind: 'absent',
    what: `A repository of ${asked.by.id} in the registry`,
    hint: 'name the repository itself: owner/repo, or its URL',
  });
}

function idOf({ by, key }: AskedNode): string {
  return 'id' in by ? by.id : key;
}
