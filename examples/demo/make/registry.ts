import type { Release } from './releases.ts';
import { storedZip } from './stored-zip.ts';

const archivePath = (id: string, version: string): string => `registry/archives/${id}-${version}.zip`;

/** What the registry answers about a pack, and its archives, by path. Releases are given oldest first. */
export function registryFiles(id: string, releases: readonly Release[]): ReadonlyMap<string, string | Buffer> {
  const versions = releases.toReversed().map((release) => versionDocument(id, release));
  const node = {
    id,
    name: 'Demo Palette',
    description: 'Paints with the colors of a palette',
    author: 'demo',
    license: 'MIT',
    repository: '',
    status: 'NodeStatusActive',
    publisher: { id: 'demo', name: 'Demo' },
    latest_version: versions[0],
  };
  return new Map<string, string | Buffer>([
    [`registry/nodes/${id}.json`, render(node)],
    [`registry/nodes/${id}/install.json`, render(versions[0])],
    [`registry/nodes/${id}/versions.json`, render(versions)],
    ...versions.map((entry) => [`registry/nodes/${id}/versions/${entry.version}.json`, render(entry)] as const),
    ...releases.map(({ version, files }) => [archivePath(id, version), storedZip(files)] as const),
  ]);
}

const versionDocument = (id: string, { version, at, summary, files }: Release) => ({
  id: `${id}@${version}`,
  node_id: id,
  version,
  changelog: summary,
  createdAt: new Date(at * 1000).toISOString(),
  dependencies: files.get('requirements.txt')?.toString().trim().split('\n') ?? [],
  deprecated: false,
  downloadUrl: `demo://${archivePath(id, version)}`,
  status: 'NodeVersionStatusActive',
});

const render = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;
