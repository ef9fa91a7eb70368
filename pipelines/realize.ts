import { definePipeline, type Interpreter, type Step } from '#engine';
import { activate } from '../tasks/activate.ts';
import { buildVenv } from '../tasks/build-venv.ts';
import { installWheels } from '../tasks/install-wheels.ts';
import { linkModels } from '../tasks/link-models.ts';
import { placeCore } from '../tasks/place-core.ts';
import { placeNode } from '../tasks/place-node.ts';
import { runInstallScript } from '../tasks/run-install-script.ts';
import { swapNodes } from '../tasks/swap-nodes.ts';
import type { LockedWheel, Lockfile } from './documents/lockfile.ts';
import { blockFor } from './documents/platforms.ts';
import { ingredientsOf } from './ingredients.ts';

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
    const made = ingredientsOf({ lock, closure, interpreter, installer });
    const core = placeCore({ core: made.core });
    const venv = buildVenv({ interpreter });
    const packages = installWheels({ venv, wheels: made.wheels });
    const swapped = swapNodes({ nodes: lock.nodes.map(({ name, kind }) => ({ name, kind })) });
    const nodes = made.nodes.map(({ node: { name, kind, run_install: runInstall }, fetched }) =>
      placeNode({ name, kind, fetched, swapped, ...(runInstall && { runInstall }) }),
    );
    const folders = [...new Set(lock.models.filter(({ root }) => root === 'models').map(({ path }) => folderOf(path)))];
    const models = linkModels({
      models: skipModels ? [] : made.models.map(({ model: { root, path }, file }) => ({ root, path, file })),
      folders: folders.toSorted(),
    });
    const activated = activate({
      version: lock.version_id,
      lockfile: text,
      parts: [core, venv, packages, models, ...nodes],
      nodes: swapped,
    });
    // One after the other: each may change the environment that the next one sees.
    return made.nodes.reduce<Step>(
      (after, { node: { name, kind, run_install: isWanted }, fetched }) =>
        isWanted ? runInstallScript({ name, kind, fetched, after }) : after,
      activated,
    );
  },
});

const folderOf = (path: string): string => path.split('/')[0]!;
