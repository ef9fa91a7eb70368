import { basename, join } from 'node:path';

import { readVersion, versionDigest } from '../pipelines/documents/version.ts';
import type { Origins } from './loopback.ts';
import type { Parts, Release } from './parts.ts';
import type { World } from './world.ts';

/** One environment: a choice of the parts there are. */
export interface Chosen extends Pick<Parts, 'wheels' | 'models'> {
  /** Repositories, each at a commit; the first is the core. */
  readonly repositories: readonly { readonly name: string; readonly commit: string }[];
  readonly packs: readonly Release[];
}

/** The newest of everything. */
export const newest = ({ core, nodes, packs, wheels, models }: Parts): Chosen => ({
  repositories: [core, ...nodes].map(({ name, commits }) => ({ name, commit: commits.at(-1)! })),
  packs: packs.map((releases) => releases.at(-1)!),
  wheels,
  models,
});

/** Writes version `bench` and a lockfile `<name>.lock.json` of it; answers the lockfile's path. */
export function writeLock(world: World, name: string, chosen: Chosen, { git, files }: Origins): string {
  const { root, write } = world;
  const id = 'bench';
  write(`versions/${id}.json`, JSON.stringify({ schema_version: 2, version_id: id, comfy: { repo: './core' } }));
  const at = (file: { readonly path: string; readonly sha256: string; readonly size: number }) => ({
    sha256: file.sha256,
    size: file.size,
    url: `${files}/${file.path}`,
  });
  const [core, ...nodes] = chosen.repositories.map(({ name: called, commit }) => ({
    name: called,
    repo: `${git}/${called}`,
    ref: 'refs/heads/main',
    commit,
  }));
  const lock = {
    schema_version: 3,
    version_id: id,
    version_digest: versionDigest(readVersion({ root, id }).version),
    core: { repo: core!.repo, ref: core!.ref, commit: core!.commit },
    nodes: [
      ...nodes.map((node) => ({ kind: 'git', ...node })),
      ...chosen.packs.map((pack) => ({
        kind: 'registry',
        name: pack.name,
        id: pack.name,
        version: pack.version,
        status: 'active',
        ...at(pack),
      })),
    ],
    python: { version: '3', platforms: [{ platform: 'any', wheels: chosen.wheels.map(wheelOf) }] },
    models: chosen.models.map((model) => {
      const { url, ...known } = at(model);
      return { path: `checkpoints/${basename(model.path)}`, root: 'models', sources: [url], ...known };
    }),
  };
  function wheelOf(wheel: Release) {
    const filename = basename(wheel.path);
    return { name: wheel.name, version: wheel.version, filename, wanted_by: ['core'], ...at(wheel) };
  }
  write(`${name}.lock.json`, JSON.stringify(lock));
  return join(root, `${name}.lock.json`);
}

/** Writes the same as the lists that `script.sh` reads, below `lists/<name>`, and the index that they need; answers the directory. */
export function writeLists(world: World, name: string, chosen: Chosen, { git, files }: Origins): string {
  const { root, write } = world;
  const list = (file: string, rows: readonly (readonly string[])[]): void =>
    write(`lists/${name}/${file}`, rows.map((row) => `${row.join(' ')}\n`).join(''));
  const repositories = chosen.repositories.map((one, n) => ({
    ...one,
    at: n === 0 ? '.' : `./custom_nodes/${one.name}`,
  }));
  list(
    'repositories',
    repositories.map((one) => [`${git}/${one.name}`, one.at, one.commit]),
  );
  list(
    'packs',
    chosen.packs.map((pack) => [`${files}/${pack.path}`, `custom_nodes/${pack.name}`]),
  );
  list(
    'models',
    chosen.models.map(({ path, sha256 }) => [`${files}/${path}`, `models/checkpoints/${basename(path)}`, sha256]),
  );
  list(
    'requirements.txt',
    chosen.wheels.map((wheel) => [`${wheel.name}==${wheel.version}`]),
  );
  for (const wheel of chosen.wheels) writePage(world, wheel);
  return join(root, 'lists', name);
}

/** The page of a package in the index. */
export function writePage({ write }: World, { name, path, sha256 }: Release): void {
  const project = name.toLowerCase().replaceAll(/[-_.]+/g, '-');
  const link = `<a href="../../${path}#sha256=${sha256}" data-core-metadata="true">${basename(path)}</a>`;
  write(`files/simple/${project}/index.html`, `<!doctype html>${link}\n`);
}
