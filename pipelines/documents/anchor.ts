import type { LockedWheel, Lockfile } from './lockfile.ts';
import { anchored, type FileSource, type GitSource } from './sources.ts';
import type { Version } from './version.ts';
import { resolve } from 'node:path';

/** A version whose local sources are paths of this machine, as tasks need them. Documents keep the portable spelling. */
export function anchorVersion(version: Version, root: string): Version {
  const git = (repo: GitSource): GitSource => anchored(root, repo) as GitSource;
  const files = (sources: readonly FileSource[]): readonly FileSource[] =>
    sources.map((source) => anchored(root, source) as FileSource);
  return {
    ...version,
    core: { ...version.core, repo: git(version.core.repo) },
    nodes: version.nodes.map((node) => {
      if (node.kind === 'git') return { ...node, repo: git(node.repo) };
      return node.kind === 'local' ? { ...node, path: resolve(root, node.path) as typeof node.path } : node;
    }),
    models: version.models.map((model) => ({ ...model, sources: files(model.sources) })),
  };
}

/** A lockfile whose local sources are paths of this machine. */
export function anchorLock(lock: Lockfile, root: string): Lockfile {
  const git = (repo: GitSource): GitSource => anchored(root, repo) as GitSource;
  const file = (source: FileSource): FileSource => anchored(root, source) as FileSource;
  return {
    ...lock,
    core: { ...lock.core, repo: git(lock.core.repo) },
    nodes: lock.nodes.map((node) => {
      if (node.kind === 'git') return { ...node, repo: git(node.repo) };
      if (node.kind === 'registry') return { ...node, url: file(node.url) };
      return { ...node, path: resolve(root, node.path) as typeof node.path };
    }),
    python: {
      ...lock.python,
      platforms: lock.python.platforms.map((block) => ({
        ...block,
        wheels: block.wheels.map((wheel) => anchorWheel(wheel, { git, file })),
      })),
    },
    models: lock.models.map((model) => ({ ...model, sources: model.sources.map(file) })),
  };
}

interface Anchors {
  readonly git: (repo: GitSource) => GitSource;
  readonly file: (source: FileSource) => FileSource;
}

function anchorWheel(wheel: LockedWheel, { git, file }: Anchors): LockedWheel {
  const anchorTool = <T extends { readonly url: FileSource }>(tool: T): T => ({ ...tool, url: file(tool.url) });
  if (wheel.kind === 'archive')
    return { ...wheel, source: { ...wheel.source, url: file(wheel.source.url) }, build: wheel.build.map(anchorTool) };
  if (wheel.kind === 'git')
    return { ...wheel, source: { ...wheel.source, repo: git(wheel.source.repo) }, build: wheel.build.map(anchorTool) };
  return { ...wheel, url: file(wheel.url) };
}
