import { fileURLToPath } from 'node:url';

import { Failed } from '#engine';

import { redactUrl } from '../redact.ts';

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for.
const control = /[\u0000-\u001f\u007f]/;
const blank = /\s/;
const remote = /^(?:https?|ssh):\/\/(?:[^/?#@]+@)?(?:[A-Za-z0-9]|\[)[^/?#@]*\/./i;
const scpLike = /^[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:[^:\\-][^\\]*$/;

/** Throws `refused` unless git may be handed this URL: nothing that it would take for an option, a command or a local path. */
export function checkRepository(url: string, how: { readonly local: boolean }): void {
  const refuse = (because: string, hint?: string) => {
    throw new Failed({
      kind: 'refused',
      what: `repository ${JSON.stringify(redactUrl(url))}`,
      because,
      ...(hint && { hint }),
    });
  };
  if (url === '' || url.startsWith('-')) refuse('git would take it for an option, or for nothing');
  if (control.test(url) || blank.test(url)) refuse('it holds spaces or control characters');
  if (how.local) return;
  if (/^https?:\/\/[^/]*@/i.test(url))
    refuse(
      'it holds a user name or a password',
      'leave them out, and let git sign in by itself: a credential helper, or `url.<base>.insteadOf` in your git configuration',
    );
  if (!remote.test(url) && !scpLike.test(url))
    refuse('it is none of https://, http://, ssh://, user@host:path and file:///path');
}

/** The path that a `file://` URL names. Throws `refused` when it names none. */
export function localPath(url: string): string {
  const path = URL.canParse(url) ? decode(new URL(url)) : undefined;
  if (path === undefined || control.test(path))
    throw new Failed({
      kind: 'refused',
      what: `repository ${JSON.stringify(url)}`,
      because: 'it names no path on this machine',
    });
  return path;
}

function decode(url: URL): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** Throws `refused` unless this can be the name of a ref: git's own rules, so that a path can be made of it. */
export function checkRef(ref: string): void {
  const parts = ref.split('/');
  const because = ref.startsWith('-')
    ? 'git would take it for an option'
    : control.test(ref) || blank.test(ref) || /[~^:?*[\\]|\.\.|@\{|\.$/.test(ref) || ref === '@'
      ? 'it holds characters that no branch or tag can have'
      : parts.some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock'))
        ? 'a part of it is empty, starts with a dot or ends in `.lock`'
        : undefined;
  if (because !== undefined) throw new Failed({ kind: 'refused', what: `ref ${JSON.stringify(ref)}`, because });
}

/** Whether a text is a full commit id: 40 hex characters (SHA-1), or 64 (SHA-256). */
export const isCommit = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

/** Throws `refused` unless it is a full commit id: anything shorter means something else tomorrow. */
export function checkCommit(commit: string): void {
  if (!isCommit(commit))
    throw new Failed({
      kind: 'refused',
      what: `commit ${JSON.stringify(commit)}`,
      because: 'a full commit has 40 (or 64) lower-case hex characters',
      hint: 'branches, tags and short commits are resolved by `pipeline validate`',
    });
}
