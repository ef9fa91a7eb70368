import * as z from 'zod/mini';

import { Failed, type Failure, type Http, type Registry } from '#engine';

import { redactUrl } from './redact.ts';
import { findAtOnce } from './registry-bulk.ts';
import { choose, isDownload, newestFirst, Release, spelledBy, statusOf } from './registry-release.ts';

const Releases = z.array(Release);

const Pack = z.object({ id: z.string(), repository: z.nullish(z.string()) });

/** A pack's releases under `own`, the id that the registry knows it by. */
interface Found {
  readonly own: string;
  readonly releases: readonly Release[];
  readonly repository?: string;
}

const mostListed = 15;

/** The registry of node packages at `baseUrl`. Answers are about today: they belong into a lockfile. */
export function openRegistry({ http, baseUrl }: { readonly http: Http; readonly baseUrl: string }): Registry {
  const base = baseUrl.replace(/\/+$/, '');

  /** What is at a path, or nothing where the registry has nothing. */
  async function get<T>(path: string, schema: z.ZodMiniType<T>): Promise<T | undefined> {
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
    releases: async (wanted) => (wanted.length === 0 ? [] : findAtOnce(wanted, { http, base })),
    async pack(of) {
      const lower = 'id' in of ? of.id.toLowerCase() : '';
      const path = 'id' in of ? packPath(of.id) : `/comfy-nodes/${encodeURIComponent(of.class)}/node`;
      const pack =
        (await get(path, Pack)) ??
        (packPath(lower) === path || lower === '' ? undefined : await get(packPath(lower), Pack));
      if (pack === undefined) return undefined;
      const id = 'id' in of ? spelledBy(pack.id, of.id) : pack.id;
      return { id, ...(pack.repository ? { repository: pack.repository } : {}) };
    },
  };
}

const packPath = (id: string): string => `/nodes/${encodeURIComponent(id)}`;

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
