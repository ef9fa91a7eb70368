import type { Candidate } from './found.ts';

/** The id under which nodes of ComfyUI itself say where they come from. */
export const coreId = 'comfy-core';

/** A pack that nodes of a workflow say they come from, under the names they give it. */
export interface UsedPack {
  readonly cnrId?: string;
  /** `owner/repo` */
  readonly auxId?: string;
  /** What its nodes say of its version, each once: semver, commits, or neither. */
  readonly versions: readonly string[];
}

/** What a workflow asks for. */
export interface Uses {
  /** The releases of ComfyUI that its nodes say they are of. */
  readonly coreVersions: readonly string[];
  readonly packs: readonly UsedPack[];
  /** Classes of which nothing says where they come from; not those of ComfyUI itself. */
  readonly classes: readonly string[];
  /** Models with their sources. */
  readonly models: readonly Candidate[];
  /** Names of model files that nodes were set to, with one class that uses each; those with a source are not among them. */
  readonly files: readonly { readonly name: string; readonly class: string }[];
}

/** One node of a workflow, whatever its format. */
export interface UsedNode {
  readonly class: string;
  readonly cnrId?: string;
  readonly auxId?: string;
  readonly version?: string;
  readonly models: readonly unknown[];
  /** What its fields are set to. */
  readonly values?: unknown;
}
