import { present } from './present.ts';

/** A repository, and what of it is wanted: a full commit, or a branch or tag. */
export interface Wanted {
  readonly repo: string;
  readonly commit?: string;
  readonly ref?: string;
}

/**
 * Splits `<repository>@<ref>` where the ref begins: `https://user@host/r@v1` is `v1` of `https://user@host/r`, and
 * `git@host:owner/r` has none. A ref may hold slashes, unless the repository is a path of this machine.
 */
export function splitRepository(text: string): Wanted {
  const [, start = '', path = text] =
    /^((?:https?|ssh|git|demo):\/\/[^/?#]*|(?![^/:]*\/)[^/:@]+@[^/:]+:(?!\/\/))(.*)$/is.exec(text) ?? [];
  // `@scope` directly behind a slash is part of a path.
  const parts = start === '' ? /^(.*[^/])@([^/@]+)$/s : /^(.*?[^/])@(.+)$/s;
  const [, repo, ref] = parts.exec(path) ?? [];
  if (repo === undefined || ref === undefined) return { repo: text };
  const isCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(ref);
  return present({ repo: start + repo, commit: isCommit ? ref : undefined, ref: isCommit ? undefined : ref });
}

/** A repository's URL without the user name and password of whoever uses it: documents are shared. ssh keeps its user. */
export const withoutUserinfo = (repo: string): string => repo.replace(/^(https?:\/\/)[^/?#]*@/i, '$1');
