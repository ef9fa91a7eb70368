import * as z from 'zod/mini';

import { Scalar, VariableName } from './env.ts';
import { spec } from './generation-1.ts';
import { document } from './generation-2.ts';
import { Lockfile } from './lockfile.ts';
import { modelAliases, ModelEntry } from './models.ts';
import { NodeEntry } from './nodes.ts';
import { PythonEntry } from './python.ts';

/** Sentences for editors, by field. */
type About = Readonly<Record<string, string>>;

type JSONSchema = z.core.JSONSchema.JSONSchema;

type Fields = Readonly<Record<string, z.ZodMiniType>>;

interface Lenience {
  /** Other names of fields. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly about?: About;
  /** Fields that a reader could do without, but not this document. */
  readonly required?: readonly string[];
  /** How fields are written that hold objects themselves. */
  readonly nested?: Fields;
}

/**
 * An object as a person may write it: what may be absent may be null, and fields have other names. Readers warn of
 * unknown keys; an editor, whose every complaint is a warning, marks them.
 */
function written(
  { shape }: z.ZodMiniObject<Fields>,
  { aliases = {}, about = {}, required = [], nested = {} }: Lenience = {},
): z.ZodMiniObject {
  const aliased = Object.values(aliases);
  const fields = Object.entries(shape).map(([name, field]) => {
    const one = nested[name] ?? field;
    const isLoose = (field instanceof z.ZodMiniOptional || aliased.includes(name)) && !required.includes(name);
    const loose = isLoose ? z.nullish(one) : needed(one);
    return [name, about[name] === undefined ? loose : loose.check(z.describe(about[name]))] as const;
  });
  const others = Object.entries(aliases).map(([alias, name]) => {
    const field = z.nullish(nested[name] ?? shape[name]!);
    return [alias, field.check(z.describe(`The same as \`${name}\`.`))] as const;
  });
  return z.strictObject(Object.fromEntries([...fields, ...others]));
}

const needed = (field: z.ZodMiniType): z.ZodMiniType =>
  field instanceof z.ZodMiniOptional ? (field.def.innerType as z.ZodMiniType) : field;

const node = written(NodeEntry, {
  about: {
    name: 'Its directory below custom_nodes/; by default what its source is called.',
    id: 'Its id in the node registry, instead of `repo` or `path`.',
    version: 'The release of a registry node: a version, `latest` or `nightly`.',
    repo: 'A git repository: a URL, or a path that starts with ./, ../ or /.',
    ref: 'A branch or a tag.',
    commit: 'A full commit; anything else is looked up as a branch or tag.',
    path: 'A directory of this machine, relative to the project root.',
    target_dir: '$COMFY_HOME/custom_nodes/<name>.',
    install_requirements: 'Whether its requirements.txt enters the Python environment; true unless it is said.',
    run_install: 'Whether its install.py is run; false unless it is said.',
  },
});

const model = written(ModelEntry, {
  aliases: modelAliases,
  about: {
    name: 'What it is called; with `target_subdir`, the name of its file.',
    source:
      'Where it comes from: https://, hf://, civitai://, gs://, file:// or a path; several are tried in their order.',
    target_path: 'Where it goes: $MODELS_DIR/..., $COMFY_HOME/..., or relative to $MODELS_DIR.',
    target_subdir: 'The directory below $MODELS_DIR, when `target_path` is not given.',
    checksum: 'sha256:<hex> or md5:<hex>.',
    size: 'Its size in bytes.',
  },
});

const python = written(PythonEntry, {
  about: {
    version: 'Such as 3.11 or 3.11.9, as text.',
    index_url: 'The package index, without credentials.',
    extra_index_urls: 'Indexes that are asked besides.',
    torch: 'Which build of torch: cpu, xpu, or such as cu128 or rocm6.4.',
    overrides: 'Requirements that win over every other one.',
    packages: 'Requirements, as in `python_packages`.',
  },
});

const about: About = {
  $schema: 'For editors; it says nothing of the version.',
  schema_version: 'The generation of the document.',
  version_id: 'The name of the version, and of its file.',
  description: 'What the version is for.',
  extends: 'The id of the version that this one is a change of.',
  target: 'Where it is realized unless told otherwise: absolute, or relative to the project root.',
  comfy: 'The repository of ComfyUI, and what of it.',
  custom_nodes: 'The custom nodes.',
  models: 'The model files.',
  python: 'The Python environment.',
  python_packages: 'Requirements beside those of ComfyUI and the nodes, as pip reads them.',
  env: 'Environment variables. ${NAME} stands for a variable of whoever runs the command: that is the place of secrets.',
  options: 'What holds unless the command line says otherwise.',
  lock: 'The lock that it is made of, relative to the project root or to the working directory.',
};

const objectIn = (field: z.ZodMiniOptional<z.ZodMiniObject<Fields>>): z.ZodMiniObject => written(field.def.innerType);

const generation2 = written(document.shape, {
  aliases: document.aliases,
  about,
  nested: {
    comfy: objectIn(document.shape.shape.comfy),
    custom_nodes: z.array(node),
    models: z.array(model),
    python,
    env: z.record(VariableName, Scalar),
    options: objectIn(document.shape.shape.options),
  },
});

const generation1 = written(spec.shape, {
  aliases: spec.aliases,
  about,
  // Only --lock can stand in for it.
  required: ['lock'],
  nested: { options: objectIn(spec.shape.shape.options) },
});

/** What a zod schema takes, as JSON Schema says it. What it cannot say, or not all validators understand, is left open. */
function described(schema: z.ZodMiniType, title: string): JSONSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const text = JSON.stringify({ $schema, title, ...rest }, (key, value: unknown) =>
    key === 'pattern' && typeof value === 'string' && value.includes('\\p{') ? undefined : value,
  );
  return JSON.parse(text) as JSONSchema;
}

/** The JSON Schema of the documents in `versions/`: those of generation 2, and the specs of generation 1. */
export const versionSchema = (): JSONSchema => described(z.union([generation2, generation1]), 'A version');

/** The JSON Schema of the lockfiles that we write. */
export const lockfileSchema = (): JSONSchema =>
  described(
    z.extend(Lockfile, { $schema: z.exactOptional(z.string()) }),
    'A lockfile: written by `pipeline validate`, not by hand',
  );
