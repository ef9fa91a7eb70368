import * as z from 'zod/mini';

import { below, check, type Findings, type Place, refuseProblems } from '../documents/findings.ts';
import { present } from '../documents/present.ts';
import { type Candidate, type Found, type Line, lost, nothing, taken } from './found.ts';
import { isSnapshot, readSnapshot } from './snapshot.ts';

const list = <S extends z.ZodMiniType>(schema: S) =>
  z.pipe(
    z.nullish(z.array(schema)),
    z.transform((elements) => elements ?? []),
  );

const Model = z.object({
  model: z.string(),
  url: z.nullish(z.string()),
  paths: list(z.object({ path: z.string() })),
  hashes: list(z.object({ hash: z.nullish(z.string()), type: z.nullish(z.string()) })),
  size_bytes: z.nullish(z.int().check(z.minimum(0))),
});
type Model = z.output<typeof Model>;

/** Whether a value is the lock of comfy-cli: models that say where they lie, and perhaps a snapshot. */
export const isComfyLock = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  'models' in value &&
  Array.isArray(value.models) &&
  value.models.some((model: unknown) => typeof model === 'object' && model !== null && 'model' in model);

/** Reads a comfy-lock.yaml. The nodes in it are a snapshot of ComfyUI-Manager. */
export function readComfyLock(value: Readonly<Record<string, unknown>>, place: Place): Found {
  const findings: Findings = { problems: [], warnings: [] };
  const models = check(list(Model), value['models'], below(place, 'models'), findings) ?? [];
  refuseProblems(findings);
  const nodes = value['custom_nodes'];
  const found = isSnapshot(nodes) ? readSnapshot(nodes, below(place, 'custom_nodes')) : nothing;
  const others = Object.keys(value).filter((key) => !['models', 'custom_nodes'].includes(key));
  return {
    ...found,
    models: models.flatMap(candidatesOf),
    lines: [
      ...models.flatMap(lossOf),
      ...found.lines,
      ...others.map((key) => lost(key, key === 'auth' ? 'tokens come from the environment' : 'it means nothing here')),
    ],
  };
}

const sha256Of = ({ hashes }: Model): string | undefined =>
  hashes.find(({ type, hash }) => hash && /^sha-?256$/i.test(type ?? ''))?.hash?.trim() ?? undefined;

/** One entry for each place where the file lies. */
function candidatesOf(model: Model): readonly Candidate[] {
  const { url, paths, size_bytes: size } = model;
  if (!url) return [];
  const sha256 = sha256Of(model);
  const why = sha256 === undefined ? 'no SHA-256 is known: it is pinned when it is validated' : 'with its SHA-256';
  return paths.map(({ path }) => ({
    entry: present({
      source: url,
      target_path: targetOf(path),
      checksum: sha256 && `sha256:${sha256}`,
      size: size ?? undefined,
    }),
    line: taken(`model ${path.replace(/^(?:\.\/)?models\//, '')}`, why),
  }));
}

/** Paths are those of a ComfyUI directory. */
const targetOf = (path: string): string => {
  const [, inner] = /^(?:\.\/)?models\/(.+)$/s.exec(path) ?? [];
  return inner === undefined ? `$COMFY_HOME/${path}` : `$MODELS_DIR/${inner}`;
};

function lossOf(model: Model): readonly Line[] {
  const what = `model ${model.model}`;
  if (!model.url) return [lost(what, 'no URL is known')];
  if (model.paths.length === 0) return [lost(what, 'nothing says where it goes')];
  const weak = model.hashes.flatMap(({ type, hash }) => (hash && type && !/^sha-?256$/i.test(type) ? [type] : []));
  return weak.length > 0 && sha256Of(model) === undefined
    ? [lost(`${weak.join(', ')} of ${model.model}`, 'a version holds SHA-256 or MD5 alone')]
    : [];
}
