import * as z from 'zod/mini';

/** What is read of a release; the registry says much more. */
export type Release = z.infer<typeof Release>;
export const Release = z.object({
  version: z.string(),
  node_id: z.nullish(z.string()),
  downloadUrl: z.nullish(z.string()),
  deprecated: z.nullish(z.boolean()),
  status: z.nullish(z.string()),
});

/** What is needed of the rules of versions. */
interface Semver {
  valid(version: string): string | null;
  prerelease(version: string): readonly unknown[] | null;
  compareBuild(a: string, b: string): number;
}

/** The registry's case of an id, and nothing else that it may answer: the id becomes a path. */
export const spelledBy = (theirs: string | null | undefined, ours: string): string =>
  theirs?.toLowerCase() === ours.toLowerCase() ? theirs : ours;

/** A registry hands out addresses; a path of this machine is none. */
export const isDownload = (url: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(url) && !/^file:/i.test(url);

/** `NodeVersionStatusActive` -> `active`; what is active and deprecated is `deprecated`. */
export const statusOf = (release: Release): string =>
  release.deprecated && isActive(release)
    ? 'deprecated'
    : (release.status ?? 'active').replace(/^NodeVersionStatus/, '').toLowerCase();

const isActive = ({ status }: Release): boolean => /^(?:NodeVersionStatus)?active$/i.test(status ?? 'active');

/** The release that `wanted` means: for `latest` the highest active one by semver, a prerelease only where there is nothing else. */
export function choose(semver: Semver, releases: readonly Release[], wanted: string): Release | undefined {
  if (wanted === 'latest') {
    const active = newestFirst(semver, releases.filter(isActive));
    const isFinal = ({ version }: Release): boolean => semver.valid(version) !== null && !semver.prerelease(version);
    return active.find(isFinal) ?? active[0];
  }
  const same = ({ version }: Release): boolean =>
    semver.valid(wanted) !== null && semver.valid(version) !== null && semver.compareBuild(version, wanted) === 0;
  return releases.find(({ version }) => version === wanted) ?? releases.find(same);
}

/** Sorted by semver; what is no semver comes last. */
export function newestFirst(semver: Semver, releases: readonly Release[]): readonly Release[] {
  const isProper = ({ version }: Release): boolean => semver.valid(version) !== null;
  const proper = releases.filter(isProper).toSorted((a, b) => semver.compareBuild(b.version, a.version));
  return [...proper, ...releases.filter((release) => !isProper(release))];
}
