import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

import { Failed, toFailure } from '#engine';
import { readText, valueOf } from '../documents/json.ts';
import { valueOfYaml } from '../documents/yaml.ts';
import { isComfyLock, readComfyLock } from './comfy-lock.ts';
import type { Found } from './found.ts';
import { gatherUses } from './gather-uses.ts';
import { readNodeList, wordsOf } from './node-list.ts';
import { isPng, pngTexts } from './png.ts';
import { isPrompt, nodesOfPrompt } from './prompt.ts';
import { isSnapshot, readSnapshot } from './snapshot.ts';
import type { UsedNode, Uses } from './uses.ts';
import { isWorkflow, nodesOfWorkflow } from './workflow.ts';

/** What a file turned out to be. A workflow may leave questions for the registry. */
export type Source =
  | { readonly kind: 'a ComfyUI-Manager snapshot' | 'a comfy-lock.yaml' | 'a list of nodes'; readonly found: Found }
  | { readonly kind: 'a workflow' | 'a workflow for the API'; readonly uses: Uses };

const maxImageBytes = 256 * 1024 * 1024;

/** Reads a file by what is in it, whatever its name is. Throws when it is nothing that versions are made of. */
export async function readSource(file: string, name: string): Promise<Source> {
  if (isPng(headOf(file, name))) return sourceInPng(file, name);
  const text = readText(file, name);
  if (/^\s*[[{]/.test(text.replace(/^\uFEFF/, ''))) return sourceOf(valueOfPython(text, name), name);
  if (isList(text)) return { kind: 'a list of nodes', found: readNodeList(text, name) };
  return sourceOf(await valueOfYaml(text, name), name);
}

/** Every line is one word, and none begins a mapping or a list as YAML has them. */
function isList(text: string): boolean {
  const words = wordsOf(text);
  return words.length > 0 && words.every(({ word }) => !/\s|:$/.test(word));
}

function sourceOf(value: unknown, name: string): Source {
  const whole = recordOf(value);
  const nested = recordOf(whole['custom_nodes']);
  if (isSnapshot(whole))
    return { kind: 'a ComfyUI-Manager snapshot', found: readSnapshot(whole, { file: name, at: '' }) };
  if (isComfyLock(whole)) return { kind: 'a comfy-lock.yaml', found: readComfyLock(whole, { file: name, at: '' }) };
  if (isSnapshot(nested))
    return { kind: 'a ComfyUI-Manager snapshot', found: readSnapshot(nested, { file: name, at: 'custom_nodes' }) };
  const nodes = nodesIn(whole);
  if (nodes === undefined) throw nothingKnown(whole, name);
  return { kind: nodes.kind, uses: gatherUses(nodes.nodes) };
}

interface Nodes {
  readonly kind: 'a workflow' | 'a workflow for the API';
  readonly nodes: readonly UsedNode[];
}

/** The nodes of a workflow, which may be part of what was sent to a server. The page's format says more. */
function nodesIn(whole: Readonly<Record<string, unknown>>): Nodes | undefined {
  const sent = recordOf(recordOf(whole['extra_data'])['extra_pnginfo']);
  const workflow = [whole, whole['workflow'], sent['workflow']].find(isWorkflow);
  if (workflow !== undefined) return { kind: 'a workflow', nodes: nodesOfWorkflow(workflow) };
  const prompt = [whole, whole['prompt'], whole['output']].find(isPrompt);
  return prompt && { kind: 'a workflow for the API', nodes: nodesOfPrompt(prompt) };
}

function sourceInPng(file: string, name: string): Source {
  if (statSync(file).size > maxImageBytes)
    throw new Failed({ kind: 'refused', what: name, because: 'an image has at most 256 MB' });
  const texts = pngTexts(readFileSync(file), ['workflow', 'prompt'], name);
  const [keyword] = ['workflow', 'prompt'].filter((one) => texts.has(one));
  if (keyword === undefined)
    throw new Failed({
      kind: 'document',
      file: name,
      problem: 'This image carries no workflow',
      hint: 'ComfyUI writes it into PNG files; whoever sends images on may take it out',
    });
  const inside = `${name} (${keyword})`;
  return sourceOf(valueOfPython(texts.get(keyword)!, inside), inside);
}

/** JSON as Python writes it: NaN and Infinity stand where nothing can. */
function valueOfPython(text: string, name: string): unknown {
  try {
    return valueOf(text, name);
  } catch (error) {
    if (toFailure(error).kind !== 'document' || !/\b(?:NaN|Infinity)\b/.test(text)) throw error;
    const strict = text.replaceAll(/"(?:[^"\\]+|\\.)*"?|-?\b(?:NaN|Infinity)\b/gs, (part) =>
      part.startsWith('"') ? part : 'null',
    );
    return valueOf(strict, name);
  }
}

function nothingKnown(whole: Readonly<Record<string, unknown>>, name: string): Failed {
  const isVersion = 'version_id' in whole || 'schema_version' in whole;
  return new Failed({
    kind: 'document',
    file: name,
    problem: 'Neither a snapshot of ComfyUI-Manager, nor a workflow, a comfy-lock.yaml, or a list of nodes',
    hint: isVersion
      ? 'it looks like a version or its lock: `pipeline realize --spec` and `--lock` read those as they are'
      : '`--nodes` and `--models` read lists whose elements are as in a version',
  });
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** The first bytes of a file. */
function headOf(file: string, name: string): Buffer {
  const head = Buffer.alloc(16);
  try {
    // Opening a pipe would wait for whoever writes to it.
    if (!statSync(file).isFile()) throw new Failed({ kind: 'document', file: name, problem: 'Expected a file' });
    const opened = openSync(file, 'r');
    try {
      return head.subarray(0, readSync(opened, head));
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    if (error instanceof Failed) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Failed({ kind: 'absent', what: name }, { cause: error });
    throw new Failed({ kind: 'document', file: name, problem: `Cannot be read (${code})` }, { cause: error });
  }
}
