import { Failed } from '#engine';

import { redactUrl } from '../redact.ts';
import { type Circumstances, networkEnvironment, runGit } from './command.ts';
import { networkFailure } from './failure.ts';
import type { Origin } from './fetch.ts';
import { listing, meaningOf, nearestNames, parseRefs } from './refs.ts';

/**
 * What `ref` is at `origin` now: one question to the server. Throws `absent` with the nearest names, `refused` when the
 * name is both a branch and a tag, `network` when the server could not be talked to.
 */
export async function resolveRef(
  { repo, from, local }: Origin,
  ref: string | undefined,
  { directory, environment, signal }: Circumstances,
): Promise<{ readonly commit: string; readonly ref: string }> {
  const ran = await runGit(listing(from, ref), {
    directory,
    // No repository: neither the one that may lie around `directory`, nor its settings.
    environment: networkEnvironment(environment, { gitDirectory: '/dev/null', local }),
    signal,
  });
  if (ran.exitCode !== 0) throw networkFailure(repo, ran);
  const refs = parseRefs(ran.stdout);
  const meaning = meaningOf(refs, ref);
  const what = `${ref ?? 'HEAD'} of ${redactUrl(repo)}`;
  if (meaning === undefined) {
    const names = nearestNames(refs, ref ?? 'HEAD');
    throw new Failed({
      kind: 'absent',
      what,
      ...(names.length > 0 && { hint: `branches and tags: ${names.join(', ')}` }),
    });
  }
  if ('branch' in meaning)
    throw new Failed({
      kind: 'refused',
      what,
      because: `it is a branch (at ${meaning.branch}) and a tag (at ${meaning.tag})`,
      hint: `write refs/heads/${ref} or refs/tags/${ref}`,
    });
  return meaning;
}
