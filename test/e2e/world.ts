import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type FileServer, type Served, startFileServer } from '../rig/file-server.ts';
import { type FileContent, type GitServer, type GitServerHabits, makeRepository, serveGit } from '../rig/git-server.ts';
import { makeWheel, type WheelSpec } from '../rig/wheels.ts';
import { zip } from '../rig/zip.ts';

type Files = Readonly<Record<string, FileContent>>;
/** Entries of a lockfile, as they stand in it. */
type Entry = Readonly<Record<string, unknown>>;

/** What a lockfile pins, without what only its version knows. */
export interface Pins {
  readonly core: Entry;
  readonly nodes: readonly Entry[];
  readonly wheels: readonly Entry[];
  readonly models: readonly Entry[];
}

/** Everything that a lockfile may point at, on the loopback interface: git, a registry, wheels, models. */
export interface World extends AsyncDisposable {
  readonly git: GitServer;
  readonly files: FileServer;
  /** Adds a commit to the repository of that name (made when it is new), and answers it with the repository's URL. */
  commit(name: string, files: Files): Promise<{ readonly repo: string; readonly commit: string }>;
  /** A node from git at a new commit. */
  node(name: string, files: Files): Promise<Entry>;
  /** A node as the registry publishes it. */
  pack(name: string, version: string, files: Readonly<Record<string, string>>): Entry;
  wheel(spec: WheelSpec, how?: Served): Entry;
  /** A model below `models/`. */
  model(path: string, body: string | Buffer, how?: Served): Entry;
  /** How many requests any server has answered. */
  asked(): number;
}

/** Starts the servers. */
export async function openWorld(habits: GitServerHabits = {}): Promise<World> {
  const root = mkdtempSync(join(tmpdir(), 'e2e-world-'));
  const files = await startFileServer();
  const git = await serveGit(root, habits);
  const repositories = new Map<string, ReturnType<typeof makeRepository>>();
  const served = (path: string, body: string | Buffer, how?: Served) => ({
    url: files.serve(path, body, how),
    sha256: hash('sha256', body),
    size: Buffer.byteLength(body),
  });
  const commit: World['commit'] = async (name, content) => {
    const made = repositories.get(name) ?? makeRepository(root, name);
    repositories.set(name, made);
    return { repo: git.url(name), commit: await (await made).commit(content) };
  };
  return {
    git,
    files,
    commit,
    node: async (name, content) => ({ kind: 'git', name, ref: 'refs/heads/main', ...(await commit(name, content)) }),
    pack(name, version, content) {
      const body = zip(Object.entries(content).map(([path, data]) => ({ name: path, data })));
      const id = name.toLowerCase();
      return { kind: 'registry', name, id, version, status: 'active', ...served(`/${id}-${version}.zip`, body) };
    },
    wheel(spec, how) {
      const { filename, bytes } = makeWheel(spec);
      const { name, version = '1.0' } = spec;
      return { name, version, filename, wanted_by: ['core'], ...served(`/wheels/${filename}`, bytes, how) };
    },
    model(path, body, how) {
      const { url, ...known } = served(`/models/${path}`, body, how);
      return { path, root: 'models', sources: [url], ...known };
    },
    asked: () => files.asked.length + git.requests.length,
    async [Symbol.asyncDispose]() {
      await Promise.all([git.close(), files[Symbol.asyncDispose]()]);
      rmSync(root, { recursive: true });
    },
  };
}

/** Pins in the shape of a lockfile. */
export const lockOf = ({ core, nodes, wheels, models }: Pins): Entry => ({
  core,
  nodes,
  python: { version: '3', platforms: [{ platform: 'any', wheels }] },
  models,
});

/** A core that says what it is, with the directories that every core has. */
const coreFiles: Files = {
  'main.py': 'print("core 1")\n',
  'comfy/__init__.py': '',
  'input/put_input_images_here': '',
  'output/put_output_images_here': '',
  'models/checkpoints/put_checkpoints_here': '',
  'custom_nodes/put_custom_nodes_here': '',
  '.gitignore': '__pycache__/\n/input/\n/output/\n/models/\n/custom_nodes/\n',
};

/** A small environment with something of everything: two nodes from git, one from the registry, two wheels, two models. */
export async function smallEnvironment(world: World): Promise<Pins> {
  const core = { ref: 'refs/heads/main', ...(await world.commit('core', coreFiles)) };
  return {
    core,
    nodes: [
      await world.node('alpha', {
        '__init__.py': 'ALPHA = 1\n',
        'lib/colours.py': 'RED = 1\n',
        'README.md': 'Alpha\n',
      }),
      await world.node('beta', { '__init__.py': 'BETA = 1\n' }),
      world.pack('Gamma', '1.0.0', {
        '__init__.py': 'GAMMA = 1\n',
        'pyproject.toml': '[project]\nname = "gamma"\nversion = "1.0.0"\n',
      }),
    ],
    wheels: [
      world.wheel({
        name: 'tint',
        files: { 'tint/__init__.py': 'def main():\n    print("tinted")\n' },
        entryPoints: { console_scripts: { tint: 'tint:main' } },
      }),
      world.wheel({ name: 'shade', files: { 'shade/__init__.py': 'SHADE = 1\n' } }),
    ],
    models: [
      world.model('checkpoints/big.safetensors', Buffer.alloc(300_000, 'big')),
      world.model('loras/small.safetensors', Buffer.alloc(50_000, 'small')),
    ],
  };
}
