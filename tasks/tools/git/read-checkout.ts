import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { readSmall } from '../read-small.ts';
import { readConfig } from './config-file.ts';

/** What the files of a `.git` say of the directory it stands in. */
export interface Checkout {
  /** The URL of the remote that its branch follows, else of `origin`, else of the first one; without credentials. */
  readonly remote?: string;
  /** The full hash that HEAD is at; absent when nothing was committed, or the files do not tell. */
  readonly commit?: string;
  /** The branch that HEAD names: `main`. */
  readonly branch?: string;
}

const pointerBytes = 4096;
const configBytes = 1024 * 1024;
const packedBytes = 64 * 1024 * 1024;

/**
 * Reads what a checkout is of, as files: git itself is not run where it would follow the settings and hooks of others.
 * Undefined when the directory has no `.git` of its own, or one that leads nowhere.
 */
export function readCheckout(directory: string): Checkout | undefined {
  const git = gitDirectoryOf(directory);
  if (git === undefined) return undefined;
  // A worktree has a HEAD of its own and shares the rest.
  const shared = readSmall(join(git, 'commondir'), pointerBytes)?.trim();
  const common = shared === undefined ? git : resolve(git, shared);
  const head = readSmall(join(git, 'HEAD'), pointerBytes)?.trim() ?? '';
  const ref = /^ref:\s*(refs\/.+)$/.exec(head)?.[1];
  const branch = ref !== undefined && isPlain(ref) ? /^refs\/heads\/(.+)$/.exec(ref)?.[1] : undefined;
  const commit = ref === undefined ? commitIn(head) : isPlain(ref) ? commitOf(ref, git, common) : undefined;
  const remote = remoteOf(readSmall(join(common, 'config'), configBytes) ?? '', branch);
  return {
    ...(remote === undefined ? {} : { remote }),
    ...(commit === undefined ? {} : { commit }),
    ...(branch === undefined ? {} : { branch }),
  };
}

/** The directory that `.git` is, or that the file `.git` of a worktree or a submodule names. */
function gitDirectoryOf(directory: string): string | undefined {
  const path = join(directory, '.git');
  const pointed = readSmall(path, pointerBytes);
  const [, to] = /^gitdir:\s*(.+)$/m.exec(pointed ?? '') ?? [];
  const git = to === undefined ? path : resolve(directory, to.trim());
  return statSync(git, { throwIfNoEntry: false })?.isDirectory() ? git : undefined;
}

const isPlain = (ref: string): boolean => !/[\0\\]|(?:^|\/)\.{1,2}(?:\/|$)|\/\//.test(ref);

const commitIn = (text: string | undefined): string | undefined =>
  /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.exec(text?.trim() ?? '')?.[0];

function commitOf(ref: string, git: string, common: string): string | undefined {
  return (
    commitIn(readSmall(join(git, ref), pointerBytes)) ??
    commitIn(readSmall(join(common, ref), pointerBytes)) ??
    packedCommit(readSmall(join(common, 'packed-refs'), packedBytes) ?? '', ref)
  );
}

function packedCommit(text: string, ref: string): string | undefined {
  const line = text.split('\n').find((one) => one.endsWith(` ${ref}`));
  return commitIn(line?.slice(0, line.indexOf(' ')));
}

function remoteOf(config: string, branch: string | undefined): string | undefined {
  const variables = readConfig(config);
  const followed = variables.find(
    ({ section, part, name }) => section === 'branch' && part === branch && name === 'remote',
  );
  const urls = variables.filter(({ section, name, value }) => section === 'remote' && name === 'url' && isUrl(value));
  const of = (remote: string | undefined): string | undefined => urls.find(({ part }) => part === remote)?.value;
  const url = of(followed?.value) ?? of('origin') ?? urls[0]?.value;
  return url === undefined ? undefined : withoutCredentials(url);
}

/** Longer ones lead nowhere, and would be looked at for ever. */
const isUrl = (text: string): boolean => text !== '' && text.length <= 2048;

/** ssh needs a user name to log in; nobody needs a password that is written down. */
const withoutCredentials = (url: string): string =>
  url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1').replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#:@]*):[^/?#@]*@/i, '$1@');
