import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve as resolvePath } from 'node:path';

import { Failed, type Git } from '#engine';

import { redactUrl } from '../redact.ts';
import { checkCommit, checkRef, checkRepository, isCommit, localPath } from './checks.ts';
import { writeDotGit } from './dot-git.ts';
import { commandFailure } from './failure.ts';
import type { Origin } from './fetch.ts';
import { fetchCommit } from './fetch-together.ts';
import { type LaidOut, layOut } from './lay-out.ts';
import { leadsTo } from './leads.ts';
import { discard, type Mirror, mirrorOf, pinned, sweep } from './mirror.ts';
import { packCommit } from './pack-commit.ts';
import { resolveRef } from './resolve.ts';

/** What the git adapter works with. */
export interface GitOptions {
  /** The directory of all mirrors; it is made when it is missing. */
  readonly mirrors: string;
  /** The caller's environment: of it git gets what it needs to find itself, the user's settings and the network. */
  readonly environment: Readonly<Record<string, string>>;
  readonly offline: boolean;
  readonly signal: AbortSignal;
  readonly onLine?: (text: string) => void;
  /** Hears of bytes as they arrive over the network. */
  readonly onFetched?: (bytes: number) => void;
  /** The path of a repository on this machine that stands for a URL; it is read in place of the network. */
  readonly localSource?: (url: string) => Promise<string | undefined>;
}

/** One checkout at work. */
interface Checkout {
  readonly mirror: Mirror;
  readonly origin: Origin;
  readonly commit: string;
  readonly into: string;
}

/** git, as tasks see it: one bare mirror for each repository, and checkouts that are the same bytes every time. */
export function openGit(options: GitOptions): Git {
  const { onLine } = options;
  const mirrors = resolvePath(options.mirrors);
  return {
    async resolve({ repo, ref }) {
      const id = ref?.toLowerCase();
      if (id !== undefined && isCommit(id)) return { commit: id, ref: id };
      if (ref !== undefined) checkRef(ref);
      const origin = await originOf(repo, options);
      needNetwork(origin, ref ?? 'the default branch', options);
      mkdirSync(mirrors, { recursive: true });
      return await resolveRef(origin, ref, { ...options, directory: mirrors });
    },

    async leads({ repo, from, to }) {
      checkCommit(from);
      checkCommit(to);
      const origin = await originOf(repo, options);
      if (from !== to) needNetwork(origin, `the history of ${to}`, options);
      return await leadsTo(mirrorOf(mirrors, repo, to), origin, { from, to }, options);
    },

    async checkout({ repo, commit, ref, into: given }) {
      checkCommit(commit);
      if (ref !== undefined) checkRef(ref);
      const origin = await originOf(repo, options);
      const into = resolvePath(given);
      const mirror = mirrorOf(mirrors, repo, commit);
      // Here and not where something is fetched: who was killed may have fetched all there is.
      await sweep(mirror);
      const checkout = { mirror, origin, commit, into };
      const laidOut = await layOutSoundly(checkout, options);
      writeDotGit(join(into, '.git'), { repo, commit, ...laidOut, ...(ref !== undefined && { ref }) });
      for (const { path, mode, id } of laidOut.entries)
        if (mode === '160000') onLine?.(`submodule ${path} (${id}) is left empty`);
      return { tree: laidOut.tree };
    },
  };
}

/** A `file://` URL is a repository on this machine that the user named; so is what `localSource` knows. */
async function originOf(repo: string, { localSource }: GitOptions): Promise<Origin> {
  const path = (await localSource?.(repo)) ?? (repo.startsWith('file:///') ? localPath(repo) : undefined);
  checkRepository(repo, { local: path !== undefined });
  return { repo, from: path ?? repo, local: path !== undefined };
}

function needNetwork({ repo, local }: Origin, what: string, { offline }: GitOptions): void {
  if (offline && !local) throw new Failed({ kind: 'offline', missing: [`${what} of ${redactUrl(repo)}`] });
}

/** A damaged mirror is thrown away and made again, once. */
async function layOutSoundly(checkout: Checkout, options: GitOptions): Promise<LaidOut> {
  const { mirror, origin, commit, into } = checkout;
  try {
    return await layOutFromMirror(checkout, options);
  } catch (thrown) {
    if (!isDamage(thrown)) throw thrown;
    needNetwork(origin, `commit ${commit}`, options);
    options.onLine?.(`the mirror of ${redactUrl(origin.repo)} is damaged: fetching it again`);
    discard(mirror);
    for (const name of readdirSync(into)) rmSync(join(into, name), { recursive: true });
    return await layOutFromMirror(checkout, options);
  }
}

/** Packs the commit in `into/.git`, after a fetch when the mirror does not hold all of it, and lays it out from there. */
async function layOutFromMirror({ mirror, origin, commit, into }: Checkout, options: GitOptions): Promise<LaidOut> {
  const { environment, signal, onLine = () => {}, onFetched = () => {} } = options;
  const pack = () => packCommit(mirror, commit, join(into, '.git/objects'), options);
  let packed = existsSync(mirror.path) ? await pack() : undefined;
  if (packed?.exitCode !== 0 && !pinned(mirror).includes(commit)) {
    needNetwork(origin, `commit ${commit}`, options);
    await fetchCommit(mirror, origin, commit, {
      environment,
      signal,
      onLine,
      onFetched: origin.local ? () => {} : onFetched,
    });
    packed = await pack();
  }
  if (packed?.exitCode !== 0) throw commandFailure(packed!);
  return await layOut(into, commit, signal);
}

/** Whether a failure means that the mirror does not hold what it should. */
const isDamage = (thrown: unknown): boolean =>
  thrown instanceof Failed &&
  (thrown.failure.kind === 'integrity' ||
    (thrown.failure.kind === 'command' && thrown.failure.command === 'git pack-objects'));
