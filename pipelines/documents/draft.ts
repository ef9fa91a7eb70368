import type { VersionId } from '../../tasks/vocabulary.ts';

import type { Env } from './env.ts';
import type { Place } from './findings.ts';
import type { GitPin } from './git-pin.ts';
import { mergeModel, type ModelDraft, sameModel } from './models.ts';
import { mergeNode, type NodeDraft, sameNode } from './nodes.ts';
import { present } from './present.ts';
import type { VersionPython } from './python.ts';
import type { GitSource } from './sources.ts';

/** One document, whatever its generation: checked, but neither complete nor merged with what it extends. */
export interface Draft {
  readonly place: Place;
  /** Where the lock was looked for that a document of generation 1 is made of: absolute paths, the last is the one that was read. */
  readonly locks?: readonly string[];
  readonly id?: VersionId;
  /** The version it extends. */
  readonly parent?: VersionId;
  readonly description?: string;
  readonly target?: string;
  /** A directory in which wheels are looked for first. */
  readonly wheels?: string;
  readonly core?: GitPin & { readonly repo?: GitSource };
  readonly nodes: readonly NodeDraft[];
  readonly models: readonly ModelDraft[];
  readonly python: Partial<VersionPython>;
  readonly packages?: readonly string[];
  readonly env: Env;
  readonly options: { readonly offline?: boolean; readonly skip_models?: boolean };
}

/**
 * A document on top of the one it extends, field by field: the child wins, lists are replaced, nodes and models merge by
 * name and path. `description`, `target` and `wheels` are the child's own: no two versions share a directory by accident.
 */
export const merge = (parent: Draft, child: Draft): Draft =>
  present({
    ...child,
    core: mergeCore(parent.core, child.core),
    nodes: mergeLists(parent.nodes, child.nodes, sameNode, mergeNode),
    models: mergeLists(parent.models, child.models, sameModel, mergeModel),
    python: { ...parent.python, ...child.python },
    packages: child.packages ?? parent.packages,
    env: { ...parent.env, ...child.env },
    options: { ...parent.options, ...child.options },
  });

/** A pin belongs to its repository and is replaced whole: the parent's commit is not on the child's branch. */
function mergeCore(parent: Draft['core'], child: Draft['core']): Draft['core'] {
  if (parent === undefined || child === undefined) return child ?? parent;
  const { repo = parent.repo, ...pin } = child;
  if (repo === parent.repo && Object.keys(pin).length === 0) return parent;
  return present({ ...pin, repo });
}

function mergeLists<T>(
  parent: readonly T[],
  child: readonly T[],
  same: (a: T, b: T) => boolean,
  mergeTwo: (parent: T, child: T) => T,
): readonly T[] {
  const used = new Set<T>();
  const merged = parent.map((element) => {
    const own = child.find((candidate) => same(element, candidate));
    if (own === undefined) return element;
    used.add(own);
    return mergeTwo(element, own);
  });
  return [...merged, ...child.filter((element) => !used.has(element))];
}
