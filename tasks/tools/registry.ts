import type * as semverModule from 'semver';
import * as z from 'zod';

import { Failed, type Failure, type Http, type Registry } from '#engine';

import { redactUrl } from './redact.ts';

/** What is read of a release; the registry says much more. */
const Release = z.object({
  version: z.string(),
  node_id: z.string().nullish(),
  downloadUrl: z.string().nullish(),
  deprecated: z.boolean().nullish(),
  status: z.string().nullish(),
});
type Release = z.infer<typeof Release>;

const Releases = z.array(Release);

const Pack = z.object({ id: z.string(), repository: z.string().nullish() });

/** A pack's releases under `own`, the id that the registry knows it by. */
interface Found {
  readonly own: string;
  readonly releases: readonly Release[];
  readonly repository?: string;
}

type Semver = Pick<typeof semverModule, 'compareBuild' | 'prerelease' | 'valid'>;

const mostListed = 15;

/** The registry of node packages at `baseUrl`. Answers are about today: they belong into a lockfile. */
export function openRegistry({ http, baseUrl }: { readonly http: Http; readonly baseUrl: string }): Registry {
  const base = baseUrl.replace(/\/+$/, '');

  /** What is at a path, or nothing where the registry has nothing. */
  async function get<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const url = base + path;
    const answer = await http.json(url).catch((error: unknown) => {
      if (error instanceof Failed && isNothing(error.failure)) return undefined;
      throw error;
    });
    if (answer === undefined) return undefined;
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const problem = `The answer is not what the registry documents (${issue?.path.join('.')}: ${issue?.message})`;
    throw new Failed({ kind: 'network', url: redactUrl(url), problem, transient: false });
  }

  const listOf = (id: string): Promise<readonly Release[] | undefined> => get(`${packPath(id)}/versions`, Releases);

  /** A pack's releases under the id as given, else under the registry's own spelling of it. */
  async function find(id: string): Promise<Found> {
    const releases = await listOf(id);
    if (releases !== undefined && releases.length > 0) return { own: id, releases };
    const pack = await get(packPath(id), Pack);
    // The registry's own ids are in lower case; people write them as packs are called.
    if (pack === undefined && id !== id.toLowerCase()) return find(id.toLowerCase());
    if (pack === undefined) throw absentPack(id);
    const own = spelledBy(pack.id, id);
    const found = { own, releases: (own === id ? releases : await listOf(own)) ?? [] };
    return pack.repository ? { ...found, repository: pack.repository } : found;
  }

  return {
    async release({ id, version }) {
      if (!/^\w[\w.-]*$/.test(id)) throw absentPack(id);
      const { own, releases, repository } = await find(id);
      const semver = await import('semver');
      const path = `${packPath(own)}/versions/${encodeURIComponent(version)}`;
      // The list may leave out what is pending or banned; asked by name, the registry says so.
      const listed = choose(semver, releases, version);
      const chosen = listed ?? (version === 'latest' ? undefined : await get(path, Release));
      if (chosen === undefined) throw absentVersion(own, version, newestFirst(semver, releases));
      const install = `${packPath(own)}/install?version=${encodeURIComponent(chosen.version)}`;
      const url = chosen.downloadUrl || (await get(install, Release))?.downloadUrl;
      if (!url || !isDownload(url))
        throw new Failed({ kind: 'absent', what: `A download of ${own}@${chosen.version}` });
      return {
        id: spelledBy(chosen.node_id, own),
        version: chosen.version,
        url,
        status: statusOf(chosen),
        ...(repository === undefined ? {} : { repository }),
      };
    },
    async pack(of) {
      const path = 'id' in of ? packPath(of.id) : `/comfy-nodes/${encodeURIComponent(of.class)}/node`;
      const pack = await get(path, Pack);
      if (pack === undefined) return undefined;
      const id = 'id' in of ? spelledBy(pack.id, of.id) : pack.id;
      return { id, ...(pack.repository ? { repository: pack.repository } : {}) };
    },
  };
}

/** The registry's case of an id, and nothing else that it may answer: the id becomes a path. */
const spelledBy = (theirs: string | null | undefined, ours: string): string =>
  theirs?.toLowerCase() === ours.toLowerCase() ? theirs : ours;

const packPath = (id: string): string => `/nodes/${encodeURIComponent(id)}`;

/** A registry hands out addresses; a path of this machine is none. */
const isDownload = (url: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(url) && !/^file:/i.test(url);

/** `NodeVersionStatusActive` -> `active`; what is active and deprecated is `deprecated`. */
const statusOf = (release: Release): string =>
  release.deprecated && isActive(release)
    ? 'deprecated'
    : (release.status ?? 'active').replace(/^NodeVersionStatus/, '').toLowerCase();

const isActive = ({ status }: Release): boolean => /^(?:NodeVersionStatus)?active$/i.test(status ?? 'active');

function choose(semver: Semver, releases: readonly Release[], wanted: string): Release | undefined {
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
function newestFirst(semver: Semver, releases: readonly Release[]): readonly Release[] {
  const isProper = ({ version }: Release): boolean => semver.valid(version) !== null;
  const proper = releases.filter(isProper).toSorted((a, b) => semver.compareBuild(b.version, a.version));
  return [...proper, ...releases.filter((release) => !isProper(release))];
}

/** The answer of a server that has nothing there, or of a local stand-in for one. */
const isNothing = (failure: Failure): boolean =>
  failure.kind === 'absent' || (failure.kind === 'network' && failure.status === 404);

const absentPack = (id: string): Failed =>
  new Failed({ kind: 'absent', what: `${id} in the registry`, hint: 'check its id, or name its repository instead' });

function absentVersion(id: string, version: string, releases: readonly Release[]): Failed {
  const versions = releases.slice(0, mostListed).map((release) => release.version);
  const more = releases.length > mostListed ? ', ...' : '';
  const hint = versions.length > 0 ? `Available versions: ${versions.join(', ')}${more}` : 'it has no released version';
  return new Failed({ kind: 'absent', what: `${id}@${version}`, hint });
}
