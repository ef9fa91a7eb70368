import { Failed } from '#engine';

import type { Draft } from './draft.ts';
import { addProblem, below, type Findings, type Place, refuseProblems } from './findings.ts';
import { readFreeze } from './freeze.ts';
import { readCheckouts } from './generation-1-nodes.ts';
import { nameIn } from './ids.ts';
import { readJson } from './json.ts';
import { type ModelDraft, readModel } from './models.ts';
import { inModels } from './sources.ts';
import { elementsOf, tidy } from './tidy.ts';

const document = {
  keys: ['schema_version', 'version_name', 'comfyui', 'custom_nodes', 'python', 'models'],
  aliases: { comfy: 'comfyui' },
};

/** What a generation 1 lock says of a version. */
export type Locked = Pick<Draft, 'core' | 'nodes' | 'models' | 'python' | 'packages'>;

/** The generation of a lock that was named: 1 also when it does not say. Throws what no JSON object is. */
export function generationOfLock(file: string, name: string): unknown {
  const value = readJson(file, name);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Failed({ kind: 'document', file: name, problem: 'Expected an object' });
  return 'schema_version' in value ? value.schema_version : 1;
}

/** Reads a generation 1 lock; what stands in it for the machine that wrote it is left out, and said. */
export function readLock(root: string, file: string, findings: Findings): Locked {
  const place: Place = { file: nameIn(root, file), at: '' };
  const fields = tidy(readJson(file, place.file), document, place, findings);
  // What is no object says nothing that could be missing.
  if (fields === undefined) refuseProblems(findings);
  const { schema_version: generation = 1, comfyui, custom_nodes: nodes, models, python } = fields ?? {};
  if (generation !== 1) {
    const problem = `Found ${JSON.stringify(generation)}: a lock of generation 1 has 1, or none`;
    addProblem(findings, below(place, 'schema_version'), problem);
  }
  return {
    ...readCheckouts(
      { root, place, comfyui, nodes: elementsOf(nodes, below(place, 'custom_nodes'), findings) },
      findings,
    ),
    models: elementsOf(models, below(place, 'models'), findings)
      .map(([element, where]) => readLocked(root, element, where, findings))
      .filter((model) => model !== undefined),
    ...readFreeze(python, below(place, 'python'), findings),
  };
}

/** A model without a source is one that the directory of models must hold already. */
function readLocked(root: string, value: unknown, place: Place, findings: Findings): ModelDraft | undefined {
  const model = readModel(root, value, place, findings);
  if (model === undefined || model.sources.length > 0) return model;
  if (model.root === 'models') return { ...model, sources: [inModels(model.path)] };
  const problem = 'Missing: only a model below $MODELS_DIR may be there already';
  return addProblem(findings, below(place, 'source'), problem) as undefined;
}
