import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Failed } from '#engine';
import { findCore, type InstalledCore, readCore } from '../../tasks/tools/installation/core.ts';
import { modelFiles } from '../../tasks/tools/installation/model-files.ts';
import { installedNodes } from '../../tasks/tools/nodes/installed.ts';
import { freeze } from '../../tasks/tools/python/freeze.ts';
import { present } from '../documents/present.ts';
import { type Found, type FoundCore, lost, nothing, taken } from './found.ts';
import { type ModelReading, modelsOf } from './installed-models.ts';
import { nodesOf } from './installed-nodes.ts';
import { readPackages } from './packages.ts';

/** How an installation is read. */
export interface Reading extends ModelReading {
  /** The directory of ComfyUI, or the one that holds it. */
  readonly directory: string;
}

/** Reads a ComfyUI directory as it is: files alone, without running git, Python or anything that lies in it. */
export async function readInstallation({ directory, ...reading }: Reading): Promise<Found> {
  const comfy = findCore(directory);
  if (comfy === undefined)
    throw new Failed({
      kind: 'absent',
      what: `ComfyUI in ${directory}`,
      hint: 'name the directory that has main.py and custom_nodes in it',
    });
  const core = coreOf(readCore(comfy));
  const nodes = nodesOf(installedNodes(join(comfy, 'custom_nodes')));
  const places = [comfy, directory].flatMap((path) => [join(path, '.venv'), join(path, 'venv')]);
  const frozen = places.map(freeze).find((found) => found !== undefined);
  const { packages, python, lines } = readPackages(frozen?.packages ?? []);
  const models = await modelsOf(modelFiles(join(comfy, 'models')), reading);
  const version = /^3\.\d+/.exec(frozen?.python ?? '')?.[0];
  return {
    ...nothing,
    ...(core === undefined ? {} : { core }),
    nodes: nodes.candidates,
    models: models.candidates,
    packages,
    python: present({ ...python, version }),
    lines: [
      ...nodes.lines,
      ...models.lines,
      ...lines,
      ...(version === undefined
        ? [lost('Python packages', 'there is no .venv or venv to read them from')]
        : [taken(`python ${version}`, `of ${frozen?.python ?? ''}`)]),
      ...(existsSync(join(comfy, 'extra_model_paths.yaml'))
        ? [lost('extra_model_paths.yaml', 'models in the directories it names are not read')]
        : []),
      lost('local changes', 'files that were edited after they were installed are not looked for'),
    ],
  };
}

function coreOf({ remote, commit, branch, version }: InstalledCore): FoundCore | undefined {
  const found = commit === undefined ? { ref: version && `v${version.replace(/^v/, '')}` } : { commit, ref: branch };
  if (commit === undefined && version === undefined) return undefined;
  const how: Pick<FoundCore, 'fate' | 'why'> =
    commit === undefined
      ? { fate: 'guessed', why: 'at the release that its files name, as no .git names a commit' }
      : { fate: 'taken', why: 'at the commit of its .git' };
  return present({ repo: remote, ...found, ...how });
}
