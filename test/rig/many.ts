import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type FileServer, startFileServer } from './file-server.ts';
import { type Front, openFront, type Way } from './front.ts';
import { makeRepository, serveGit } from './git-server.ts';
import { listedFile, serveLarge, serveModelVersion } from './model-services.ts';
import { zip } from './zip.ts';

/** How many of each a version has: 30 nodes and 16 models. */
export const counts = { git: 15, exact: 10, latest: 5, hub: 8, civitai: 4, plain: 4 } as const;

/** A version that pins next to nothing, and every service that knows the answers. */
export interface Many extends AsyncDisposable {
  readonly front: Front;
  /** The document of the version `many`. */
  readonly version: Readonly<Record<string, unknown>>;
}

/** How the services are: what holds requests up, and of which packs the registry tells when it is asked for many at once. */
interface Habits extends Way {
  readonly atOnce?: (id: string) => boolean;
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

/** Starts the services. Without `atOnce` the registry tells of all packs. */
export async function openMany({ atOnce = () => true, ...way }: Habits = {}): Promise<Many> {
  const root = mkdtempSync(join(tmpdir(), 'many-'));
  for (const name of ['core', ...range(counts.git).map((n) => `node-${n}`)])
    await (await makeRepository(root, name)).commit({ 'main.py': '', '__init__.py': `NAME = "${name}"\n` });
  const git = await serveGit(root);
  const [files, hub, civitai] = [await startFileServer(), await startFileServer(), await startFileServer()];
  const front = await openFront(
    { git: git.url('').replace(/\/$/, ''), files: files.origin, hub: hub.origin, civitai: civitai.origin },
    way,
  );
  const { origins } = front;
  serveRegistry(files, origins.files, atOnce);
  return {
    front,
    version: {
      schema_version: 2,
      version_id: 'many',
      comfy: { repo: `${origins.git}/core` },
      custom_nodes: [
        ...range(counts.git).map((n) => ({ repo: `${origins.git}/node-${n}`, ref: 'main' })),
        ...range(counts.exact).map((n) => ({ id: `exact-${n}`, version: '1.0.0' })),
        ...range(counts.latest).map((n) => ({ id: `latest-${n}`, version: 'latest' })),
      ],
      models: serveModels({ files, hub, civitai }, origins.files),
      env: {
        COMFY_REGISTRY_URL: `${origins.files}/registry`,
        HF_ENDPOINT: origins.hub,
        CIVITAI_ENDPOINT: origins.civitai,
      },
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([front, files, hub, civitai].map((server) => server[Symbol.asyncDispose]()));
      await git.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Packs with one release each, archives and all. A registry that tells of none at once does not know the question. */
function serveRegistry(files: FileServer, origin: string, atOnce: (id: string) => boolean): void {
  const names = [...range(counts.exact).map((n) => `exact-${n}`), ...range(counts.latest).map((n) => `latest-${n}`)];
  const releases = names.map((id) => {
    files.serve(`/archives/${id}.zip`, zip([{ name: '__init__.py', data: `ID = "${id}"\n` }]));
    const downloadUrl = `${origin}/archives/${id}.zip`;
    return { node_id: id, version: '1.0.0', downloadUrl, status: 'NodeVersionStatusActive', deprecated: false };
  });
  for (const release of releases) files.serve(`/registry/nodes/${release.node_id}/versions`, JSON.stringify([release]));
  const told = releases.filter(({ node_id: id }) => atOnce(id));
  const answers = told.map((release) => ({
    identifier: { node_id: release.node_id, version: release.version },
    status: 'success',
    node_version: release,
  }));
  if (told.length > 0) files.serve('/registry/bulk/nodes/versions', JSON.stringify({ node_versions: answers }));
}

/** Models of three kinds of places; answers their entries. */
function serveModels(
  { files, hub, civitai }: Readonly<Record<'files' | 'hub' | 'civitai', FileServer>>,
  origin: string,
): readonly object[] {
  for (const n of range(counts.hub)) {
    const body = Buffer.from(`weights ${n}`);
    serveLarge(hub, files, { repository: 'org/repo', path: `${n}.safetensors`, body, commit: 'a'.repeat(40) });
  }
  for (const n of range(counts.civitai)) serveModelVersion(civitai, n, [listedFile(Buffer.alloc(1024 * (n + 1)))]);
  for (const n of range(counts.plain)) files.serve(`/plain/${n}.safetensors`, `plain ${n}`);
  return [
    ...entries('hub', counts.hub, (n) => `hf://org/repo/${n}.safetensors`),
    ...entries('civitai', counts.civitai, (n) => `civitai://models/${n}`),
    ...entries('plain', counts.plain, (n) => `${origin}/plain/${n}.safetensors`),
  ];
}

const entries = (kind: string, count: number, sourceOf: (n: number) => string): readonly object[] =>
  range(count).map((n) => ({ source: sourceOf(n), target_path: `${kind}/${n}.safetensors` }));
