import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { identify } from '../../tasks/tools/nodes/identity.ts';
import { type FileServer, type Served, startFileServer } from '../rig/file-server.ts';
import { git, type GitServer, makeRepository, serveGit, type TestRepository } from '../rig/git-server.ts';
import { zip } from '../rig/zip.ts';
import { type Done, runNode } from './run-node.ts';

export type { Done } from './run-node.ts';

export type Files = Readonly<Record<string, string>>;

/** A pack `ComfyUI-<X>` of the registry, whose id is the same in lower case, and a repository of that name. */
export interface TestPack {
  readonly id: string;
  readonly name: string;
  readonly repo: string;
  /** The files of a release as the archive has them. */
  files(version: string): Files;
  /** Publishes a release. */
  release(
    version: string,
    more?: Files,
    how?: { readonly status?: string; readonly archive?: Buffer; readonly served?: Served },
  ): void;
  /** Adds a commit to the repository, and answers it. */
  commit(files: Readonly<Record<string, string | null>>, branch?: string): Promise<string>;
}

/** A registry and a git server on the loopback interface. */
export interface NodeWorld extends AsyncDisposable {
  readonly registry: FileServer;
  readonly gits: GitServer;
  readonly root: string;
  pack(name: string, how?: { readonly repository?: boolean }): Promise<TestPack>;
  /** How many requests anybody has made. */
  asked(): number;
}

export const projectText = (name: string, version: string, repository?: string): string =>
  `[project]\nname = "${name}"\nversion = "${version}"\n${repository === undefined ? '' : `[project.urls]\nRepository = "${repository}"\n`}`;

export async function openNodeWorld(): Promise<NodeWorld> {
  const root = mkdtempSync(join(tmpdir(), 'nodes-world-'));
  const registry = await startFileServer();
  const gits = await serveGit(root);
  const json = (path: string, value: unknown): void =>
    void registry.serve(path, JSON.stringify(value), { type: 'application/json' });
  return {
    registry,
    gits,
    root,
    async pack(name, { repository = true } = {}) {
      const id = name.toLowerCase();
      const repo = gits.url(name);
      const made: TestRepository = await makeRepository(root, name);
      const releases: Record<string, unknown>[] = [];
      const files = (version: string): Files => ({
        '__init__.py': `VERSION = "${version}"\n`,
        'nodes/a.py': `A = "${version}"\n`,
        'pyproject.toml': projectText(name, version, repository ? repo : undefined),
      });
      const pack: TestPack = {
        id,
        name,
        repo,
        files,
        release(version, more = {}, { status = 'NodeVersionStatusActive', archive, served } = {}) {
          const entries = Object.entries({ ...files(version), ...more }).map(([path, data]) => ({ name: path, data }));
          const downloadUrl = registry.serve(`/archives/${id}-${version}.zip`, archive ?? zip(entries), served);
          const release = { version, node_id: id, downloadUrl, status, deprecated: false };
          releases.push(release);
          json(`/nodes/${id}/versions`, releases);
          json(`/nodes/${id}/versions/${version}`, release);
        },
        commit: (content, branch) => made.commit(content, branch === undefined ? {} : { branch }),
      };
      json(`/nodes/${id}`, { id, ...(repository && { repository: repo }) });
      json(`/nodes/${id}/versions`, releases);
      return pack;
    },
    asked: () => registry.asked.length + gits.requests.length,
    async [Symbol.asyncDispose]() {
      await Promise.all([gits.close(), registry[Symbol.asyncDispose]()]);
      rmSync(root, { recursive: true });
    },
  };
}

/** A ComfyUI directory that pipeline did not make, with a cache of its own. */
export interface NodeBench extends Disposable {
  readonly root: string;
  readonly target: string;
  readonly cache: string;
  readonly environment: Readonly<Record<string, string>>;
  node(...args: readonly string[]): Promise<Done>;
  /** Like `node`, and throws unless it went well. */
  done(...args: readonly string[]): Promise<Done>;
  at(...path: readonly string[]): string;
  write(path: string, text: string): void;
  read(path: string): string;
  /** What every directory below custom_nodes holds: `1.0.0`, `nightly 37365817`, `?`. */
  layout(): Readonly<Record<string, string>>;
}

export function openNodeBench(world: NodeWorld, parent = tmpdir()): NodeBench {
  const root = mkdtempSync(join(parent, 'nodes-'));
  const [target, cache] = [join(root, 'ComfyUI'), join(root, 'cache')];
  mkdirSync(join(target, 'custom_nodes'), { recursive: true });
  writeFileSync(join(target, 'main.py'), '');
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    COMFY_CACHE_ROOT: cache,
    COMFY_REGISTRY_URL: world.registry.origin,
  };
  const at = (...path: readonly string[]): string => join(target, ...path);
  const node: NodeBench['node'] = async (...args) =>
    runNode({ environment, cwd: root }, [
      ...args,
      ...(args.includes('--target') ? [] : ['--target', target]),
      '--json',
    ]);
  return {
    root,
    target,
    cache,
    environment,
    node,
    async done(...args) {
      const done = await node(...args);
      if (done.exitCode !== 0)
        throw new Error(`${args.join(' ')}: ${JSON.stringify(done.failure)} ${done.notes.join('; ')}`);
      return done;
    },
    at,
    write(path, text) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
    },
    read: (path) => readFileSync(at(path), 'utf8'),
    layout: () => layoutOf(target),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** See `NodeBench.layout`. */
function layoutOf(target: string): Readonly<Record<string, string>> {
  const nodes = join(target, 'custom_nodes');
  const names = (below: string): readonly string[] =>
    existsSync(join(nodes, below)) ? readdirSync(join(nodes, below)).map((name) => join(below, name)) : [];
  const paths = [...names(''), ...names('.disabled')].filter(
    (path) => path !== '.disabled' && lstatSync(join(nodes, path)).isDirectory(),
  );
  return Object.fromEntries(paths.toSorted().map((path) => [path, versionIn(join(nodes, path))]));
}

function versionIn(directory: string): string {
  const identity = identify(directory);
  if (identity.kind === 'unknown') return '?';
  return identity.kind === 'cnr' ? identity.version : `nightly ${identity.commit?.slice(0, 8)}`;
}

/** Lays a release out as ComfyUI-Manager would: the files, and `.tracking`. */
export function layByHand(bench: NodeBench, path: string, files: Files, tracking?: string): void {
  for (const [name, text] of Object.entries(files)) bench.write(`custom_nodes/${path}/${name}`, text);
  bench.write(`custom_nodes/${path}/.tracking`, tracking ?? Object.keys(files).join('\n'));
}

/** Clones a repository as a person would: with its history, on its branch. */
export async function cloneByHand(bench: NodeBench, path: string, repo: string): Promise<void> {
  mkdirSync(dirname(bench.at('custom_nodes', path)), { recursive: true });
  await git(['clone', '--quiet', repo, bench.at('custom_nodes', path)], { cwd: bench.root });
}
