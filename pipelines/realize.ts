import { definePipeline, type Interpreter, type Step } from '#engine';
import { activate } from '../tasks/activate.ts';
import { buildVenv } from '../tasks/build-venv.ts';
import { buildWheel } from '../tasks/build-wheel.ts';
import { fetchCore } from '../tasks/fetch-core.ts';
import { fetchModel } from '../tasks/fetch-model.ts';
import { fetchNode } from '../tasks/fetch-node.ts';
import { fetchPack } from '../tasks/fetch-pack.ts';
import { fetchSource } from '../tasks/fetch-source.ts';
import { fetchWheel } from '../tasks/fetch-wheel.ts';
import { installWheels } from '../tasks/install-wheels.ts';
import { linkModels } from '../tasks/link-models.ts';
import { placeCore } from '../tasks/place-core.ts';
import { placeNode } from '../tasks/place-node.ts';
import { runInstallScript } from '../tasks/run-install-script.ts';
import { snapshotNode } from '../tasks/snapshot-node.ts';
import { swapNodes } from '../tasks/swap-nodes.ts';
import { unpackWheel } from '../tasks/unpack-wheel.ts';
import type { GitCommit, GitRef } from '../tasks/vocabulary.ts';
import type { LockedNode, LockedWheel, Lockfile } from './documents/lockfile.ts';
import { blockFor } from './documents/platforms.ts';
import { present } from './documents/present.ts';

/** What realizing is asked with. */
export interface Asked {
  /** The lockfile, its local sources as paths of this machine. */
  readonly lock: Lockfile;
  /** Its text as it stands in the project, for the target's history. */
  readonly text: string;
  readonly interpreter: Interpreter;
  readonly installer: 'pipeline' | 'uv' | 'pip';
  readonly skipModels: boolean;
  /** Which build of torch, where the lockfile has several; else the one that the version names. */
  readonly torch?: string;
  readonly usualTorch?: string;
}

/** What realizing needs to know before it can plan. */
export interface RealizeFacts extends Asked {
  /** The wheels for this machine's platform. */
  readonly closure: readonly LockedWheel[];
}

/** Makes a target exactly what its lockfile pins. The graph is the data flow below; nothing else orders the steps. */
export const realize = definePipeline({
  name: 'realize',
  summary: 'Make a working ComfyUI directory, exactly as the lockfile says',

  read: (asked: Asked): RealizeFacts => ({ ...asked, closure: blockFor(asked.lock, asked).wheels }),

  plan({ lock, text, closure, interpreter, installer, skipModels }) {
    const core = placeCore({ core: fetchCore({ repo: lock.core.repo, pin: pinOf(lock.core) }) });
    const venv = buildVenv({ interpreter });
    const unpack = (wheel: FoundWheel) =>
      unpackWheel({ filename: wheel.filename, wheel: fetch(wheel), interpreter, installer });
    const wheels = closure.map((wheel) =>
      'source' in wheel
        ? unpackWheel({
            filename: wheel.name,
            wheel: build(wheel, { closure, interpreter, unpack }),
            interpreter,
            installer,
          })
        : unpack(wheel),
    );
    const packages = installWheels({ venv, wheels });
    const swapped = swapNodes({ nodes: lock.nodes.map(({ name, kind }) => ({ name, kind })) });
    const nodes = lock.nodes.map((node) =>
      placeNode({
        name: node.name,
        kind: node.kind,
        fetched: fetched(node),
        swapped,
        ...(node.run_install && { runInstall: true }),
      }),
    );
    const locked = skipModels ? [] : lock.models;
    const folders = [...new Set(lock.models.filter(({ root }) => root === 'models').map(({ path }) => folderOf(path)))];
    const models = linkModels({
      models: locked.map((model) => ({ root: model.root, path: model.path, file: fetchModel(model) })),
      folders: folders.toSorted(),
    });
    const activated = activate({
      version: lock.version_id,
      lockfile: text,
      parts: [core, venv, packages, models, ...nodes],
      nodes: swapped,
    });
    // One after the other: each may change the environment that the next one sees.
    return lock.nodes.reduce<Step>(
      (after, node) =>
        node.run_install
          ? runInstallScript({ name: node.name, kind: node.kind, fetched: fetched(node), after })
          : after,
      activated,
    );
  },
});

type FoundWheel = Omit<Exclude<LockedWheel, { source: unknown }>, 'wanted_by'>;
type BuiltWheel = Extract<LockedWheel, { source: unknown }>;

const fetch = ({ url, filename, sha256, size }: FoundWheel) =>
  fetchWheel(present({ filename, sha256, size, sources: [url] }));

/** A wheel built from its source. Only compiled code can be made for what is installed beside it. */
function build(
  { name, version, source, build: tools }: BuiltWheel,
  {
    closure,
    interpreter,
    unpack,
  }: Pick<RealizeFacts, 'closure' | 'interpreter'> & {
    readonly unpack: (wheel: FoundWheel) => ReturnType<typeof unpackWheel>;
  },
): ReturnType<typeof buildWheel> {
  const installed = new Set(closure.map((one) => one.name));
  const against = tools.filter((tool) => installed.has(tool.name) && !tool.filename.endsWith('-none-any.whl'));
  return buildWheel(
    present({
      name,
      version,
      fetched: fetchSource({ name, pinned: source }),
      subdirectory: source.subdirectory,
      tools: tools.map(unpack),
      against: against.map((tool) => ({ name: tool.name, version: tool.version })),
      interpreter,
    }),
  );
}

/** A node comes from git, from the registry's archive, or from a directory of this machine. */
function fetched(node: LockedNode): Step<{ source: string; version: string }> {
  switch (node.kind) {
    case 'git':
      return fetchNode({ name: node.name, repo: node.repo, pin: pinOf(node) });
    case 'registry':
      return fetchPack({ name: node.name, release: node });
    case 'local':
      return snapshotNode(node);
  }
}

const pinOf = ({ commit, ref }: { commit: GitCommit; ref?: GitRef }) => present({ commit, ref });

const folderOf = (path: string): string => path.split('/')[0]!;
