import * as z from 'zod/mini';

import { present } from '../documents/present.ts';
import { coreClasses } from './core-classes.ts';
import { type Candidate, guessed, taken } from './found.ts';
import { coreId, type UsedNode, type UsedPack, type Uses } from './uses.ts';

/** Puts together what the nodes of a workflow ask for, each thing once. */
export function gatherUses(nodes: readonly UsedNode[]): Uses {
  const coreVersions = new Set<string>();
  const classes = new Set<string>();
  const models = new Map<string, Candidate>();
  const files = new Map<string, string>();
  for (const node of nodes) {
    if (node.cnrId === coreId && node.version !== undefined) coreVersions.add(node.version);
    const isSilent = node.cnrId === undefined && node.auxId === undefined;
    if (isSilent && node.class !== '' && !coreClasses.has(node.class)) classes.add(node.class);
    for (const model of node.models) {
      const candidate = candidateOf(model);
      if (candidate !== undefined) models.set(JSON.stringify(candidate.entry), candidate);
    }
    for (const name of fileNamesIn(node.values)) if (!files.has(name)) files.set(name, node.class);
  }
  const embedded = new Set([...models.values()].map(({ entry }) => baseOf(String(entry['target_path']))));
  return {
    coreVersions: [...coreVersions],
    packs: packsOf(nodes.filter(({ cnrId }) => cnrId !== coreId)),
    classes: [...classes],
    models: [...models.values()],
    files: [...files].filter(([name]) => !embedded.has(baseOf(name))).map(([name, user]) => ({ name, class: user })),
  };
}

const fold = (text: string): string => text.toLowerCase();

/** Nodes that name their pack by its id, and nodes that name it by its repository, may mean one pack: those with both tell. */
function packsOf(nodes: readonly UsedNode[]): readonly UsedPack[] {
  const idOf = new Map<string, string>();
  for (const { cnrId, auxId } of nodes) if (cnrId && auxId) idOf.set(fold(auxId), fold(cnrId));
  const packs = new Map<string, UsedPack>();
  for (const { cnrId, auxId, version } of nodes) {
    if (cnrId === undefined && auxId === undefined) continue;
    const key = cnrId === undefined ? (idOf.get(fold(auxId!)) ?? fold(auxId!)) : fold(cnrId);
    const known: UsedPack = packs.get(key) ?? { versions: [] };
    const { versions } = known;
    packs.set(
      key,
      present({
        cnrId: known.cnrId ?? cnrId,
        auxId: known.auxId ?? auxId,
        versions: version === undefined || versions.includes(version) ? versions : [...versions, version],
      }),
    );
  }
  return [...packs.values()];
}

const Word = z.string().check(z.minLength(1));
const Model = z.object({
  name: Word,
  url: Word,
  directory: Word,
  hash: z.nullish(z.string()),
  hash_type: z.nullish(z.string()),
});

/** A model as nodes embed it; undefined where its name, its place or its source is missing. */
function candidateOf(model: unknown): Candidate | undefined {
  const read = Model.safeParse(model).data;
  if (read === undefined) return undefined;
  const { url, hash, hash_type: kind } = read;
  const path = `${read.directory}/${read.name}`.replaceAll('\\', '/');
  const source = url.replace(/^(https:\/\/huggingface\.co\/[^/]+\/[^/]+)\/blob\//, '$1/resolve/');
  const isSha256 = hash && /^(?:sha-?256)?$/i.test(kind ?? '') && /^[0-9a-f]{64}$/i.test(hash);
  const what = `model ${path}`;
  const pinned = isSha256 ? 'with its SHA-256' : 'no SHA-256 is known: it is pinned when it is validated';
  return {
    entry: {
      source,
      target_path: `$MODELS_DIR/${path}`,
      ...(isSha256 ? { checksum: `sha256:${hash.toLowerCase()}` } : {}),
    },
    line:
      source === url
        ? taken(what, pinned)
        : guessed(what, `its URL is that of a page: the file behind it is taken, ${pinned}`),
  };
}

const modelFile = /^[^\n:*?"<>|]{1,255}\.(?:safetensors|sft|gguf|ckpt|pth?|onnx)$/i;

/** Every text that looks like the name of a model, however deep. */
function fileNamesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return modelFile.test(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(fileNamesIn);
}

const baseOf = (path: string): string => path.split(/[/\\]/).at(-1) ?? '';
