import { posix } from 'node:path';

import * as z from 'zod/mini';

import { ModelPath } from '../../tasks/vocabulary.ts';

import { addProblem, addWarning, below, check, type Findings, type Place } from './findings.ts';
import { didYouMean } from './nearest.ts';
import { present } from './present.ts';
import { decoded, FileSource, identityOf, portable, readSource, serviceFault, withoutSecrets } from './sources.ts';
import { Texts, tidy } from './tidy.ts';

/** What a model's bytes must hash to. */
interface Checksum {
  readonly algorithm: 'sha256' | 'md5';
  readonly hex: string;
}

/** A model of a version: one file, and everywhere it may be had. `size` is in bytes. */
export interface VersionModel extends ModelPath {
  readonly sources: readonly FileSource[];
  readonly checksum?: Checksum;
  readonly size?: number;
}

/** An entry of `models` in one document; what it leaves out may stand in the document it extends. */
export interface ModelDraft extends VersionModel {
  readonly place: Place;
}

const Checksum = z.pipe(
  z.string(),
  z.transform((text, { issues }): Checksum => {
    const [, algorithm = 'sha256', hex = ''] = /^(?:(\w+)\s*:)?\s*(\w+)$/.exec(text.toLowerCase()) ?? [];
    if (algorithm === 'sha256' && /^[0-9a-f]{64}$/.test(hex)) return { algorithm, hex };
    if (algorithm === 'md5' && /^[0-9a-f]{32}$/.test(hex)) return { algorithm, hex };
    issues.push({
      code: 'custom',
      message: 'Expected sha256:<64 hex characters> or md5:<32 hex characters>',
      input: text,
    });
    return z.NEVER;
  }),
);

const roots: Readonly<Record<string, ModelPath['root']>> = { MODELS_DIR: 'models', COMFY_HOME: 'target' };

/** A path as documents write it: `$MODELS_DIR/...`, `${COMFY_HOME}/...`, or relative to the directory of models. */
const TargetPath = z.pipe(
  z.string(),
  z.transform((text, { issues }): ModelPath => {
    const place = placeOf(text);
    const result = typeof place === 'string' ? undefined : ModelPath.safeParse(place);
    if (result?.success) return result.data;
    const message = typeof place === 'string' ? place : result!.error.issues[0]!.message;
    issues.push({ code: 'custom', message, input: text });
    return z.NEVER;
  }),
);

/** What a path's text means, still to be checked; or what is wrong with it. */
function placeOf(text: string): z.input<typeof ModelPath> | string {
  const [, bare, braced, rest = ''] = /^(?:\$(?:(\w+)|\{(\w+)\})(?:\/|$))?(.*)$/s.exec(text) ?? [];
  const variable = bare ?? braced ?? 'MODELS_DIR';
  const root = roots[variable];
  if (root === undefined) return `Unknown variable $${variable}${didYouMean(variable, Object.keys(roots))}`;
  if (rest.includes('$')) return 'Only the beginning may be a variable: $MODELS_DIR or $COMFY_HOME';
  if (/^[/~]/.test(text))
    return 'Expected a path that starts with $MODELS_DIR or $COMFY_HOME, or is relative to $MODELS_DIR';
  if (rest === '' || rest.endsWith('/')) return 'Expected the path of a file, not of a directory';
  const parts = rest.split('/').filter((part) => part !== '' && part !== '.');
  return { root, path: parts.join('/') };
}

/** The fields of an entry of `models`. */
export const ModelEntry = z.object({
  name: z.optional(z.string()),
  source: z.optional(Texts),
  target_path: z.optional(TargetPath),
  target_subdir: z.optional(z.string()),
  checksum: z.optional(Checksum),
  size: z.optional(z.int().check(z.minimum(0))),
});
/** Their other names. */
export const modelAliases = { id: 'name', path: 'target_path', sources: 'source' };

/** Reads one entry of `models`. */
export function readModel(root: string, value: unknown, place: Place, findings: Findings): ModelDraft | undefined {
  const fields = tidy(value, { keys: Object.keys(ModelEntry.shape), aliases: modelAliases }, place, findings);
  if (fields && Object.keys(fields).length === 0)
    return addProblem(findings, place, 'Empty: give at least `source` and `target_path`') as undefined;
  const entry = fields && check(ModelEntry, fields, place, findings);
  if (entry === undefined) return undefined;
  const sources = (entry.source ?? []).map((text) => readFileSource(root, text, below(place, 'source'), findings));
  const where = entry.target_path ?? pathBelow(entry, place, findings);
  if (where === undefined || sources.includes(undefined)) return undefined;
  const { checksum, size } = entry;
  return present({ place, ...where, sources: sources.filter((source) => source !== undefined), checksum, size });
}

function readFileSource(root: string, text: string, at: Place, findings: Findings): FileSource | undefined {
  const kept = withoutSecrets(text);
  if (kept !== text)
    addWarning(findings, at, 'The token in it is ignored: set CIVITAI_TOKEN or HF_TOKEN where you run pipeline');
  const isPath = !URL.canParse(kept) || kept.startsWith('file:');
  const read = readSource(FileSource, isPath ? portable(root, kept) : kept, at, findings);
  const fault = read && serviceFault(read);
  return fault === undefined ? read : (addProblem(findings, at, fault) as undefined);
}

const modelFile = /\.(?:safetensors|sft|gguf|ckpt|pth?|bin|onnx|pkl|engine|json|ya?ml|txt|zip)$/i;

/** The path that `target_subdir` and `name` mean: a name without extension has that of the source. */
function pathBelow(
  { name, source = [], target_subdir }: z.output<typeof ModelEntry>,
  place: Place,
  findings: Findings,
): ModelPath | undefined {
  if (target_subdir === undefined)
    return addProblem(findings, below(place, 'target_path'), 'Missing: where does the file go?') as undefined;
  const original = decoded(posix.basename(source[0]?.replace(/[?#].*$/s, '') ?? ''));
  const extension = modelFile.exec(original)?.[0] ?? '';
  const file = name === undefined ? original : modelFile.test(name) ? name : name + extension;
  const at = below(place, 'target_subdir');
  if (!modelFile.test(file))
    addWarning(findings, at, `The file gets no extension that ComfyUI knows: give \`name\` one`);
  return check(TargetPath, `${target_subdir}/${file}`, at, findings);
}

/** Whether two entries mean one file. */
export const sameModel = (a: ModelPath, b: ModelPath): boolean => a.root === b.root && a.path === b.path;

/** One model out of two documents: an entry with sources replaces the old one whole, another one completes it. */
export const mergeModel = (parent: ModelDraft, child: ModelDraft): ModelDraft =>
  child.sources.length > 0 ? child : { ...parent, ...child, sources: parent.sources };

/** The models of a version, once its documents are merged. Entries for one path are mirrors of one file, or a problem. */
export function finishModels(drafts: readonly ModelDraft[], findings: Findings): readonly VersionModel[] {
  const models: ModelDraft[] = [];
  for (const draft of drafts) {
    if (draft.sources.length === 0) addProblem(findings, below(draft.place, 'source'), 'Missing');
    const index = models.findIndex((model) => sameModel(model, draft));
    if (index === -1) models.push(draft);
    else models[index] = withMirror(models[index]!, draft, findings);
  }
  return models.map(({ place: _place, ...model }) => model);
}

function withMirror(first: ModelDraft, second: ModelDraft, findings: Findings): ModelDraft {
  const identities = new Set(first.sources.map(identityOf));
  const differs =
    !second.sources.some((source) => identities.has(identityOf(source))) ||
    (first.size ?? second.size) !== (second.size ?? first.size) ||
    (first.checksum?.algorithm === second.checksum?.algorithm && first.checksum?.hex !== second.checksum?.hex);
  if (differs) addProblem(findings, second.place, `Another file for ${second.path} than ${first.place.at}: keep one`);
  return { ...second, ...first, sources: [...new Set([...first.sources, ...second.sources])] };
}
