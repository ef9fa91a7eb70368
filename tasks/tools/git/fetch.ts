import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { Failed } from '#engine';

import { redactUrl } from '../redact.ts';
import { writeFile } from '../write-file.ts';
import { type Circumstances, localEnvironment, networkEnvironment, type Ran, runGit } from './command.ts';
import { writeBare } from './dot-git.ts';
import { isOutside, isWithheld, networkFailure } from './failure.ts';
import { adoptPacks, freshDirectory, type Mirror, pin, pinned, remove } from './mirror.ts';

/** A place to fetch from. `from` is what git is handed: the repository's URL, or a path on this machine that stands for it. */
export interface Origin {
  readonly repo: string;
  readonly from: string;
  readonly local: boolean;
}

/** What a fetch needs besides. */
export interface Fetching extends Pick<Circumstances, 'environment' | 'signal'> {
  readonly onLine: (text: string) => void;
  /** Hears of bytes as they arrive. */
  readonly onFetched: (bytes: number) => void;
}

/** How one `git fetch` is asked: `wanted` are its arguments, `known` the commits that need not be sent again. */
interface Wish {
  readonly commits: readonly string[];
  readonly known: readonly string[];
  readonly wanted: readonly string[];
}

/** How it went. Of what did arrive, `lacking` says which commits are not among it, and why. */
interface Received {
  readonly ran: Ran;
  readonly lacking: Lacking;
}

/** For each commit that could not be had, why. */
type Lacking = ReadonlyMap<string, Failed>;

/**
 * Fetches commits of one repository into its mirror with one request, without their history where the server lets us. Those
 * that do not exist are answered (`absent`). Throws `network` when the server could not be talked to.
 */
export async function fetchCommits(
  mirror: Mirror,
  origin: Origin,
  commits: readonly string[],
  how: Fetching,
): Promise<Lacking> {
  const { ran, lacking } = await receiveThese(mirror, origin, commits, how);
  if (ran.exitCode === 0) return lacking;
  if (!isWithheld(ran)) throw networkFailure(origin.repo, ran);
  const withheld = commits.length === 1 ? commits : await withheldOf(mirror, origin, commits, how);
  if (withheld.length === 0) return new Map();
  how.onLine('the server does not hand out this single commit: fetching every branch and tag');
  const every = ['--', origin.from, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
  // What we have is without history, and the commit may be in that history: everything is asked for.
  const all = await receive(mirror, origin, { commits: withheld, known: [], wanted: every }, how);
  if (all.ran.exitCode !== 0) throw networkFailure(origin.repo, all.ran);
  return all.lacking;
}

/** One that a server does not hand out is the end of a request for many: which those are shows when each is asked for. */
async function withheldOf(
  mirror: Mirror,
  origin: Origin,
  commits: readonly string[],
  how: Fetching,
): Promise<readonly string[]> {
  const withheld: string[] = [];
  for (const commit of commits) {
    const { ran } = await receiveThese(mirror, origin, [commit], how);
    if (ran.exitCode === 0) continue;
    if (!isWithheld(ran)) throw networkFailure(origin.repo, ran);
    withheld.push(commit);
  }
  return withheld;
}

async function receiveThese(
  mirror: Mirror,
  origin: Origin,
  commits: readonly string[],
  how: Fetching,
): Promise<Received> {
  const wanted = ['--depth', '1', '--', origin.from, ...commits.map((commit) => `${commit}:refs/pins/${commit}`)];
  const known = pinned(mirror);
  const received = await receive(mirror, origin, { commits, known, wanted }, how);
  const { ran } = received;
  if (ran.exitCode === 0 || known.length === 0 || isWithheld(ran) || isOutside(ran)) return received;
  // What we have may be what is in the way.
  return receive(mirror, origin, { commits, known: [], wanted }, how);
}

/** One `git fetch` into a fresh repository that borrows the mirror's objects. When all has arrived it is moved into the mirror. */
async function receive(
  mirror: Mirror,
  origin: Origin,
  { commits, known, wanted }: Wish,
  how: Fetching,
): Promise<Received> {
  const directory = freshDirectory(mirror);
  const { environment, signal, onFetched } = how;
  const meter = receivedBytes(onFetched);
  try {
    // Nothing is synced to the disk: what a power cut spoils is found when it is read, and fetched again.
    writeBare(directory, commits[0]!, { bare: 'true', hooksPath: '/dev/null', fsync: 'none' }, [
      ['maintenance', { auto: 'false' }],
      ['fetch', { unpackLimit: '1', writeCommitGraph: 'false', prune: 'false' }],
    ]);
    if (known.length > 0) borrow(directory, mirror, known);
    const ran = await runGit(
      ['fetch', '--progress', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', ...wanted],
      {
        directory,
        environment: networkEnvironment(environment, { gitDirectory: directory, local: origin.local }),
        signal,
        onStderr: meter.hear,
      },
    );
    if (ran.exitCode !== 0) return { ran, lacking: new Map() };
    const lacking = await lackingIn(directory, origin, commits, how);
    if (lacking.size === commits.length) return { ran, lacking };
    meter.total(adoptPacks(mirror, directory, commits[0]!));
    for (const commit of commits) if (!lacking.has(commit)) pin(mirror, commit);
    return { ran, lacking };
  } finally {
    remove(directory);
  }
}

async function lackingIn(
  directory: string,
  { repo }: Origin,
  commits: readonly string[],
  how: Fetching,
): Promise<Lacking> {
  const environment = localEnvironment(how.environment, directory);
  const lacking = new Map<string, Failed>();
  for (const commit of commits) {
    const { stdout } = await runGit(['cat-file', '-t', commit], { directory, environment, signal: how.signal });
    const type = stdout.trim();
    if (type !== 'commit') lacking.set(commit, absent(commit, repo, type));
  }
  return lacking;
}

const absent = (commit: string, repo: string, type: string): Failed =>
  new Failed({
    kind: 'absent',
    what: `Commit ${commit} in ${redactUrl(repo)}`,
    hint:
      type === ''
        ? 'no branch and no tag leads to it (its history may have been rewritten): choose another one'
        : `the object with this id is a ${type}`,
  });

/** Makes a repository hold what the mirror holds: its objects, and each known commit as one whose parents are not there. */
function borrow(directory: string, mirror: Mirror, known: readonly string[]): void {
  mkdirSync(join(directory, 'objects/info'));
  writeFile(join(directory, 'objects/info/alternates'), `${join(mirror.path, 'objects')}\n`);
  writeFile(join(directory, 'packed-refs'), known.map((id) => `${id} refs/pins/${id}\n`).join(''));
  writeFile(join(directory, 'shallow'), known.map((id) => `${id}\n`).join(''));
}

/** Tells how many bytes arrive while git reports its progress, and at the end what is still missing of the true number. */
function receivedBytes(onFetched: (bytes: number) => void) {
  const units: Readonly<Record<string, number>> = { bytes: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
  let told = 0;
  const total = (bytes: number): void => {
    if (bytes > told) onFetched(bytes - told);
    told = Math.max(told, bytes);
  };
  const hear = (text: string): void => {
    for (const [, amount, unit] of text.matchAll(/Receiving objects:[^\r\n]*, ([\d.]+) (bytes|KiB|MiB|GiB)/g))
      total(Math.floor(Number(amount) * units[unit!]!));
  };
  return { hear, total };
}
