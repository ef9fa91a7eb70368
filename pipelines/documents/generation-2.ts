import * as z from 'zod/mini';

import { GitRef, VersionId } from '../../tasks/vocabulary.ts';

import type { Draft } from './draft.ts';
import { readEnv, Scalar, VariableName } from './env.ts';
import { below, check, type Findings, type Place } from './findings.ts';
import { readPin, readRepository } from './git-pin.ts';
import { ModelEntry, readModel } from './models.ts';
import { NodeEntry, readNode } from './nodes.ts';
import { present } from './present.ts';
import { Lines, PythonEntry, readPython } from './python.ts';
import { Directory, elementsOf, Flag, tidy } from './tidy.ts';

const Core = z.object({ repo: z.optional(z.string()), ref: z.optional(GitRef), commit: z.optional(z.string()) });
const Options = z.object({ offline: z.optional(Flag), skip_models: z.optional(Flag) });

/** The fields of a generation 2 document, and their other names. */
export const document = {
  shape: z.object({
    $schema: z.optional(z.string()),
    schema_version: z.literal(2),
    version_id: VersionId,
    description: z.optional(z.string()),
    extends: z.optional(VersionId),
    target: z.optional(Directory),
    comfy: z.optional(Core),
    custom_nodes: z.optional(z.array(NodeEntry)),
    models: z.optional(z.array(ModelEntry)),
    python: z.optional(PythonEntry),
    python_packages: z.optional(Lines),
    env: z.optional(z.record(VariableName, Scalar)),
    options: z.optional(Options),
  }),
  aliases: { id: 'version_id', comfyui: 'comfy' },
};

/** Reads a document with `"schema_version": 2`: aliases, null sections and lax booleans as the old tools took them. */
export function readGeneration2(root: string, value: unknown, place: Place, findings: Findings): Draft {
  const { shape, aliases } = document;
  const fields = tidy(value, { keys: Object.keys(shape.shape), aliases }, place, findings) ?? {};
  const at = (name: string): Place => below(place, name);
  /** What `read` makes of a field, when the field is there. */
  const given = <T>(name: string, read: (value: unknown, place: Place) => T): T | undefined =>
    fields[name] === undefined ? undefined : read(fields[name], at(name));
  const checked = <S extends z.ZodMiniType>(name: string, schema: S): z.output<S> | undefined =>
    given(name, (field, where) => check(schema, field, where, findings));
  const each = <T>(
    name: string,
    read: (root: string, value: unknown, place: Place, findings: Findings) => T | undefined,
  ): T[] =>
    elementsOf(fields[name], at(name), findings)
      .map(([element, where]) => read(root, element, where, findings))
      .filter((element) => element !== undefined);
  return present({
    place,
    id: check(VersionId, fields['version_id'], at('version_id'), findings),
    parent: checked('extends', VersionId),
    description: checked('description', z.string()),
    target: checked('target', Directory),
    core: given('comfy', (core, where) => readCore(root, core, where, findings)),
    nodes: each('custom_nodes', readNode),
    models: each('models', readModel),
    python: given('python', (python, where) => readPython(python, where, findings)) ?? {},
    packages: checked('python_packages', Lines),
    env: given('env', (env, where) => readEnv(env, where, findings)) ?? {},
    options: given('options', (options, where) => readOptions(options, where, findings)) ?? {},
  });
}

function readCore(root: string, value: unknown, place: Place, findings: Findings): Draft['core'] {
  const fields = tidy(value, { keys: Object.keys(Core.shape) }, place, findings);
  const core = fields && check(Core, fields, place, findings);
  if (core === undefined) return undefined;
  const repo = core.repo === undefined ? undefined : readRepository(root, core.repo, place, findings);
  return present({ repo, ...readPin(core, place, findings) });
}

function readOptions(value: unknown, place: Place, findings: Findings): Draft['options'] {
  const fields = tidy(value, { keys: Object.keys(Options.shape) }, place, findings);
  return present((fields && check(Options, fields, place, findings)) ?? {});
}
