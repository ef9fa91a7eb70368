import * as z from 'zod/mini';

import { type Failure, type FoundRelease, type Http, toFailure } from '#engine';

import { isDownload, Release, spelledBy, statusOf } from './registry-release.ts';

/** A release that is named exactly. */
interface Named {
  readonly id: string;
  readonly version: string;
}

const Answers = z.object({ node_versions: z.array(z.unknown()) });

/** One answer of many; `not_found` and `error` come without a release. */
const Answer = z.object({
  identifier: z.object({ node_id: z.string(), version: z.string() }),
  node_version: z.nullish(Release),
});

/**
 * Many releases for one request. What the registry does not answer whole is left out, and all of it where the registry does not
 * know the question: whoever asks for one release by itself learns more, and what is wrong.
 */
export async function findAtOnce(
  wanted: readonly Named[],
  { http, base }: { readonly http: Http; readonly base: string },
): Promise<readonly FoundRelease[]> {
  // The registry's own ids are in lower case; people write them as packs are called.
  const asked = wanted.flatMap(({ id, version }) =>
    [...new Set([id, id.toLowerCase()])].map((spelling) => ({ node_id: spelling, version })),
  );
  const answer = await http
    .json(`${base}/bulk/nodes/versions`, { method: 'POST', body: { node_versions: asked } })
    .catch((error: unknown) => {
      if (isToWait(toFailure(error))) throw error;
      return undefined;
    });
  const answers = (Answers.safeParse(answer).data?.node_versions ?? []).flatMap(
    (one) => Answer.safeParse(one).data ?? [],
  );
  return wanted.flatMap(
    (one) => answers.map((found) => releaseOf(found, one)).find((found) => found !== undefined) ?? [],
  );
}

/** The release in an answer, when it is the one that is meant and can be downloaded. */
function releaseOf({ identifier, node_version: release }: z.infer<typeof Answer>, { id, version }: Named) {
  if (identifier.node_id.toLowerCase() !== id.toLowerCase() || identifier.version !== version) return undefined;
  if (release?.version !== version || !release.downloadUrl || !isDownload(release.downloadUrl)) return undefined;
  const own = spelledBy(release.node_id ?? identifier.node_id, id);
  return { id: own, version, url: release.downloadUrl, status: statusOf(release) };
}

/** Whether the same is to be asked again in a while, and not more of it now: a registry that is busy, or a run that is stopped. */
const isToWait = (failure: Failure): boolean =>
  failure.kind === 'network'
    ? failure.retryAfterMs !== undefined || [408, 425, 429, 503].includes(failure.status ?? 0)
    : ['cancelled', 'bug'].includes(failure.kind);
