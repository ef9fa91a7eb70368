import { type Identity, samePack } from '../../tasks/tools/nodes/identity.ts';
import type { InstalledNode, SingleFile } from '../../tasks/tools/nodes/installed.ts';
import { present } from '../documents/present.ts';
import { type Candidate, guessed, type Line, lost, short, taken } from './found.ts';

interface Installed {
  readonly nodes: readonly InstalledNode[];
  readonly files: readonly SingleFile[];
}

/** Files of ComfyUI's own sources. */
const ownFiles = new Set(['websocket_image_save.py']);

/** The active nodes of an installation, and what is said of the others. */
export function nodesOf({ nodes, files }: Installed): {
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
  for (const { path } of files)
    if (!ownFiles.has(path)) lines.push(lost(`file ${path}`, 'a node in a single file comes from nowhere'));
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
