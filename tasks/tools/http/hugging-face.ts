import type { FilePin } from '#engine';

import type { Ask, Head, Patience } from './exchange.ts';
import { statusFailure } from './failures.ts';
import { askHead } from './head.ts';
import { isRedirect, nextAsk } from './follow.ts';
import type { Claim, Located } from './source.ts';

/** Redirects within the service: a repository that was renamed, perhaps twice. */
const mostHops = 5;

/** `[datasets/|spaces/]organisation/repository/resolve/<revision>/<path>`; of all revisions only `refs/...` holds slashes. */
const filePath = /^((?:datasets\/|spaces\/)?[^/]+\/[^/]+)\/resolve\/(?:refs\/(?:convert|pr)\/)?[^/]+\/(.+)$/;

/**
 * What Hugging Face tells of a file: the commit that its revision is now, and, of a large file, hash and size. It is asked
 * for the head alone and never followed to where its bytes are kept. Throws Failed (network) when it does not answer well.
 */
export async function pinOnHub(
  source: Located & Claim,
  endpoint: string,
  how: { readonly signal: AbortSignal; readonly patience: Patience },
): Promise<FilePin> {
  const { head, url } = await firstTelling(source, how);
  const commit = /^[0-9a-f]{40}$/.exec(head.headers['x-repo-commit'] ?? '')?.[0];
  // A small file has the name that git gives it: 40 characters, and nothing to check its bytes with.
  const sha256 = /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(head.headers['x-linked-etag'] ?? '')?.[1];
  const size = /^\d{1,15}$/.exec(head.headers['x-linked-size'] ?? '')?.[0];
  const exact = commit === undefined ? undefined : exactSource(url, endpoint, commit);
  return {
    ...(sha256 !== undefined && { sha256 }),
    ...(sha256 !== undefined && size !== undefined && { size: Number(size) }),
    ...(exact !== undefined && { exact }),
  };
}

/** The first answer that names a commit, through redirects of the service itself; another origin learns nothing of us. */
async function firstTelling(
  source: Located & Claim,
  how: { readonly signal: AbortSignal; readonly patience: Patience },
): Promise<{ readonly head: Head; readonly url: URL }> {
  const { url, credentials } = source;
  let ask: Ask = { url, credentials, method: 'HEAD', headers: { 'user-agent': 'comfy-pipeline' } };
  for (let hop = 0; ; hop++) {
    const head = await askHead(ask, how);
    if (head.status >= 400) throw statusFailure(head, ask.url, source);
    if (head.headers['x-repo-commit'] !== undefined || !isRedirect(head) || hop === mostHops)
      return { head, url: ask.url };
    const next = nextAsk(ask, head.status, head.headers['location']);
    if (next.url.origin !== url.origin) return { head, url: ask.url };
    ask = next;
  }
}

/** The same file at a commit, whatever its branch becomes. */
function exactSource(url: URL, endpoint: string, commit: string): string | undefined {
  const base = new URL(endpoint).pathname.replace(/\/*$/, '/');
  const [, repository, path] = url.pathname.startsWith(base)
    ? (filePath.exec(url.pathname.slice(base.length)) ?? [])
    : [];
  return repository === undefined ? undefined : `hf://${repository}@${commit}/${path}`;
}
