import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

import { Failed } from '#engine';
import { findCore, type InstalledCore, readCore } from '../../tasks/tools/installation/core.ts';
import { type ModelFile, modelFiles } from '../../tasks/tools/installation/model-files.ts';
import { type Identity, samePack } from '../../tasks/tools/nodes/identity.ts';
import { type InstalledNode, installedNodes } from '../../tasks/tools/nodes/installed.ts';
import { freeze } from '../../tasks/tools/python/freeze.ts';
import { present } from '../documents/present.ts';
import {
  type Candidate,
  type Found,
  type FoundCore,
  guessed,
  type Line,
  lost,
  nothing,
  short,
  taken,
} from './found.ts';
import { readPackages } from './packages.ts';

/** How an installation is read. */
export interface Reading {
  /** The directory of ComfyUI, or the one that holds it. */
  readonly directory: string;
  /** The project root: files of this machine are named from there. */
  readonly root: string;
  /** The SHA-256 of a file, in hex; absent to leave the models unread. */
  readonly hash?: (file: ModelFile) => Promise<string>;
}

/** Reads a ComfyUI directory as it is: files alone, without running git, Python or anything that lies in it. */
export async function readInstallation({ directory, root, hash }: Reading): Promise<Found> {
  const comfy = findCore(directory);
  if (comfy === undefined)
    throw new Failed({
      kind: 'absent',
      what: `ComfyUI in ${directory}`,
      hint: 'name the directory that has main.py and custom_nodes in it',
    });
  const core = coreOf(readCore(comfy));
  const { nodes, files } = installedNodes(join(comfy, 'custom_nodes'));
  const places = [comfy, directory].flatMap((path) => [join(path, '.venv'), join(path, 'venv')]);
  const frozen = places.map(freeze).find((found) => found !== undefined);
  const { packages, python, lines } = readPackages(frozen?.packages ?? []);
  const found = nodesOf(nodes);
  const models = modelFiles(join(comfy, 'models'));
  const version = /^3\.\d+/.exec(frozen?.python ?? '')?.[0];
  return {
    ...nothing,
    ...(core === undefined ? {} : { core }),
    nodes: found.candidates,
    models: await candidatesOf(
      models.filter(({ path }) => isModel(path)),
      { root, hash },
    ),
    packages,
    python: present({ ...python, version }),
    lines: [
      ...found.lines,
      ...files
        .filter(({ path }) => !ownFiles.has(path))
        .map(({ path }) => lost(`file ${path}`, 'a node in a single file comes from nowhere')),
      ...lossesOf(models),
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

/** Files of ComfyUI's own sources. */
const ownFiles = new Set(['websocket_image_save.py']);

function coreOf({ remote, commit, version }: InstalledCore): FoundCore | undefined {
  const repo = remote === undefined ? {} : { repo: remote };
  if (commit !== undefined) return { ...repo, commit, fate: 'taken', why: 'at the commit of its .git' };
  if (version === undefined) return undefined;
  return {
    ...repo,
    ref: `v${version.replace(/^v/, '')}`,
    fate: 'guessed',
    why: 'at the release that its files name: it has no .git',
  };
}

function nodesOf(nodes: readonly InstalledNode[]): {
  readonly candidates: readonly Candidate[];
  readonly lines: readonly Line[];
} {
  const candidates: Candidate[] = [];
  const lines: Line[] = [];
  const active: InstalledNode[] = [];
  for (const node of nodes) {
    const { path, enabled, identity } = node;
    const twin = active.find((other) => samePack(other.identity, identity));
    if (!enabled)
      lines.push(lost(titleOf(identity), `custom_nodes/${path} is disabled, and a version holds what is active`));
    else if (identity.kind === 'unknown') lines.push(lost(titleOf(identity), identity.why));
    else if (twin !== undefined) lines.push(lost(titleOf(identity), `custom_nodes/${twin.path} is the same pack`));
    else {
      active.push(node);
      candidates.push(candidateOf(path, identity));
    }
    lines.push(...identity.warnings.map((warning) => guessed(`custom_nodes/${path}`, warning)));
  }
  return { candidates, lines };
}

function titleOf(identity: Identity): string {
  if (identity.kind === 'unknown') return `node ${identity.name}`;
  const version = identity.kind === 'cnr' ? identity.version : short(identity.commit ?? '');
  return `node ${identity.name} ${version}`.trim();
}

/** Other code may rely on the directory's name: it stays, unless it is what the pack is called anyway. */
function candidateOf(path: string, identity: Exclude<Identity, { kind: 'unknown' }>): Candidate {
  const name = path === identity.name ? undefined : path;
  if (identity.kind === 'cnr')
    return {
      entry: present({ name, id: identity.id, version: identity.version }),
      line: taken(titleOf(identity), 'from the registry'),
    };
  const { repo, commit, branch } = identity;
  const line =
    commit === undefined
      ? guessed(titleOf(identity), `from git, at ${branch ?? 'its default branch'}: its commit cannot be read`)
      : taken(titleOf(identity), 'from git, at its commit');
  return { entry: present({ name: path, repo, commit, ref: branch }), line };
}

const isModel = (path: string): boolean =>
  /\.(?:safetensors|sft|gguf|ckpt|pth?|bin|onnx|pkl|engine|json|ya?ml|txt|zip|model)$/i.test(path) &&
  !path.startsWith('configs/');

const lossesOf = (models: readonly ModelFile[]): readonly Line[] =>
  models
    .filter(({ path }) => !isModel(path) && !path.startsWith('configs/'))
    .map(({ path }) => lost(`model ${path}`, 'it is not of a kind that models are'));

async function candidatesOf(
  models: readonly ModelFile[],
  { root, hash }: Pick<Reading, 'root'> & { readonly hash: Reading['hash'] | undefined },
): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = [];
  for (const model of models) {
    const { path, file, size } = model;
    const sha256 = await hash?.(model);
    const entry = {
      source: `./${relative(root, file).split(sep).join('/')}`.replace(/^\.\/\.\.\//, '../'),
      target_path: `$MODELS_DIR/${path}`,
      size,
      checksum: sha256 && `sha256:${sha256}`,
    };
    const pinned = sha256 === undefined ? '' : ', with its SHA-256';
    candidates.push({
      entry: present(entry),
      line: guessed(`model ${path}`, `its only known source is this file${pinned}: add a URL for other machines`),
    });
  }
  return candidates;
}
