import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { Failed } from '#engine';
import type { Place } from '../documents/findings.ts';
import { readText, valueOf } from '../documents/json.ts';
import { splitRepository, withoutUserinfo, type Wanted } from '../documents/split-repository.ts';
import { valueOfYaml } from '../documents/yaml.ts';
import { nodeOf } from './node-list.ts';

/** An element of `custom_nodes` or `models` that somebody gave, and what messages call its place. */
export interface GivenElement {
  readonly element: unknown;
  readonly place: Place;
}

/** Which list is given: `nodes` may also be words (`<url>@<ref>`, `<id>@<version>`). */
export type ListName = 'nodes' | 'models';

/** Reads what stood behind `--nodes` or `--models`: JSON, the name of a .json or .yml file, or a node in one word. */
export async function readGiven(list: ListName, text: string, cwd: string): Promise<readonly GivenElement[]> {
  const flag = `--${list}`;
  if (/^\s*[[{]/.test(text)) return elementsOf(list, valueOf(text, flag), flag);
  if (/\.(?:json|ya?ml)$/i.test(text) && !/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return readGivenFile(list, text, cwd);
  const node = list === 'nodes' ? nodeOf(anchoredWord(text, cwd)) : undefined;
  if (node !== undefined) return [{ element: node.entry, place: { file: flag, at: text } }];
  const hint =
    list === 'nodes'
      ? 'write <url>@<ref>, <id>@<version>, JSON, or the name of a .json or .yml file'
      : 'write JSON, or the name of a .json or .yml file';
  throw new Failed({ kind: 'usage', problem: `${flag} cannot read ${withoutUserinfo(text)}`, hint });
}

/** Reads a .json or .yml file with a list, bare or below the list's name. */
export async function readGivenFile(list: ListName, file: string, cwd: string): Promise<readonly GivenElement[]> {
  const path = resolve(cwd, file);
  if (!existsSync(path)) throw new Failed({ kind: 'absent', what: file, hint: `it was named by --${list}` });
  const text = readText(path, file);
  const isJson = /^\s*[[{]/.test(text.replace(/^\uFEFF/, ''));
  return elementsOf(list, isJson ? valueOf(text, file) : await valueOfYaml(text, file), file);
}

/** A repository from the command line, without anybody's user name. A path is of where the command is given. */
export function readRepositoryWord(text: string, cwd: string): Wanted {
  const { repo, ...pin } = splitRepository(anchoredWord(text, cwd));
  return { repo: withoutUserinfo(repo), ...pin };
}

const anchoredWord = (text: string, cwd: string): string => (/^\.{1,2}\//.test(text) ? resolve(cwd, text) : text);

/** The keys below which documents have such a list. */
const wrappers: Readonly<Record<ListName, readonly string[]>> = {
  nodes: ['nodes', 'custom_nodes'],
  models: ['models'],
};

/** Whether a value holds lists, and is no element of one. */
const isWrapper = (value: Readonly<Record<string, unknown>>): boolean =>
  Object.values(wrappers).some((names) => names.some((name) => name in value));

function elementsOf(list: ListName, value: unknown, file: string): readonly GivenElement[] {
  const [key] = isRecord(value) ? wrappers[list].filter((name) => Array.isArray(value[name])) : [];
  const inner = key === undefined ? value : (value as Readonly<Record<string, unknown>>)[key];
  const at = (index: number): string => `${key ?? ''}[${index}]`;
  if (Array.isArray(inner))
    return inner.map((element, index) => ({ element: split(list, element), place: { file, at: at(index) } }));
  if (isRecord(inner) && !isWrapper(inner)) return [{ element: split(list, inner), place: { file, at: '' } }];
  if (inner === null || inner === undefined) return [];
  const expected = `Expected a list, bare or below \`${wrappers[list].join('` or `')}\``;
  throw new Failed({ kind: 'document', file, problem: expected });
}

/** The first tools took `"repo": "<url>@<ref>"` too. */
function split(list: ListName, element: unknown): unknown {
  if (list === 'models' || !isRecord(element) || typeof element['repo'] !== 'string') return element;
  const { repo, ...pin } = splitRepository(element['repo'].trim());
  const isPinned = (element['commit'] ?? element['ref'] ?? '') !== '';
  return { ...element, repo: withoutUserinfo(repo), ...(isPinned ? {} : pin) };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
