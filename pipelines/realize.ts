import { definePipeline, Failed, type Interpreter, type Step } from '#engine';
import { activate } from '../tasks/activate.ts';
import { buildVenv } from '../tasks/build-venv.ts';
import { fetchCore } from '../tasks/fetch-core.ts';
import { fetchModel } from '../tasks/fetch-model.ts';
import { fetchNode } from '../tasks/fetch-node.ts';
import { fetchPack } from '../tasks/fetch-pack.ts';
import { fetchWheel } from '../tasks/fetch-wheel.ts';
import { installWheels } from '../tasks/install-wheels.ts';
import { linkModels } from '../tasks/link-models.ts';
import { placeCore } from '../tasks/place-core.ts';
import { placeNode } from '../tasks/place-node.ts';
import { snapshotNode } from '../tasks/snapshot-node.ts';
import { swapNodes } from '../tasks/swap-nodes.ts';
import { unpackWheel } from '../tasks/unpack-wheel.ts';
import type { GitCommit, GitRef } from '../tasks/vocabulary.ts';
import type { LockedNode, LockedWheel, Lockfile } from './documents/lockfile.ts';
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

  read: (asked: Asked): RealizeFacts => ({ ...asked, closure: closureFor(asked) }),

  plan({ lock, text, closure, interpreter, installer, skipModels }) {
    const core = placeCore({ core: fetchCore({ repo: lock.core.repo, pin: pinOf(lock.core) }) });
    const venv = buildVenv({ interpreter });
    const wheels = closure.map(({ url, ...pinned }) =>
      unpackWheel({
        filename: pinned.filename,
        wheel: fetchWheel({ ...pinned, sources: [url] }),
        interpreter,
        installer,
      }),
    );
    const packages = installWheels({ venv, wheels });
    const swapped = swapNodes({ nodes: lock.nodes.map(({ name, kind }) => ({ name, kind })) });
    const nodes = lock.nodes.map((node) =>
      placeNode({ name: node.name, kind: node.kind, fetched: fetched(node), swapped }),
    );
    const locked = skipModels ? [] : lock.models;
    const folders = [...new Set(lock.models.filter(({ root }) => root === 'models').map(({ path }) => folderOf(path)))];
    const models = linkModels({
      models: locked.map((model) => ({ root: model.root, path: model.path, file: fetchModel(model) })),
      folders: folders.toSorted(),
    });
    return activate({
      version: lock.version_id,
      lockfile: text,
      parts: [core, venv, packages, models, ...nodes],
      nodes: swapped,
    });
  },
});

/** The wheels locked for this machine. A block for `any` platform has pure Python alone. */
function closureFor({ lock, interpreter: { platform } }: Asked): readonly LockedWheel[] {
  const { platforms } = lock.python;
  const block = platforms.find((one) => one.platform === platform) ?? platforms.find((one) => one.platform === 'any');
  if (block !== undefined) return block.wheels;
  throw new Failed({
    kind: 'document',
    file: `lockfiles/${lock.version_id}.lock.json`,
    at: 'python.platforms',
    problem: `It has no wheels for ${platform}, only for ${platforms.map((one) => one.platform).join(', ')}`,
    hint: `run \`pipeline validate ${lock.version_id} --update\` on such a machine`,
  });
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
