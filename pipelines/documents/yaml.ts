import type * as yamlModule from 'yaml';

import { Failed } from '#engine';

import { forbiddenKeys, maxDepth } from './parse-json.ts';

type Yaml = Pick<typeof yamlModule, 'isAlias' | 'isMap' | 'isScalar' | 'isSeq'>;

const maxBytes = 10 * 1024 * 1024;
const maxAliases = 100;

/**
 * The value of a YAML text, with the limits of JSON documents: 10 MB, 64 levels, no key twice. Only null, true, false and
 * whole numbers are more than text: a version `1.10`, or a commit such as `12e4...`, is no number. Tags are refused, as are
 * aliases that would unfold without end. `name` is what messages call the file.
 */
export async function valueOfYaml(text: string, name: string): Promise<unknown> {
  const refuse = (problem: string, at?: string): never => {
    throw new Failed({ kind: 'document', file: name, ...(at === undefined ? {} : { at }), problem });
  };
  if (text.length > maxBytes) refuse('A document has at most 10 MB');
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const placeOf = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  // Comparing every key with every other one, and quoting the text for each error, take for ever in hostile documents.
  const document = yaml.parseDocument(text, {
    schema: 'failsafe',
    customTags: ['null', 'bool', 'int'],
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) refuse(faults[fault.code] ?? fault.message, placeOf(fault.pos[0]));
  const found = findFault(yaml, document.contents);
  if (found !== undefined) refuse(found.problem, placeOf(found.offset));
  try {
    return document.toJS({ maxAliasCount: maxAliases }) as unknown;
  } catch (error) {
    if (error instanceof ReferenceError) return refuse(unfolds);
    throw error;
  }
}

const unfolds = 'Its aliases (`*name`) would unfold without end';
const tooDeep = `Lists and mappings are more than ${maxDepth} deep`;

/** What is said where the parser's own words would quote the text. */
const faults: Partial<Record<yamlModule.ErrorCode, string>> = {
  MULTIPLE_DOCS: 'Expected one document, and found another one after `---`',
  NON_STRING_KEY: 'Expected keys that are text',
  RESOURCE_EXHAUSTION: tooDeep,
  TAG_RESOLVE_FAILED: 'Tags (`!name`) are not allowed',
};

interface Fault {
  readonly problem: string;
  readonly offset: number;
}

/** The first thing that is allowed in YAML, and not in our documents. */
function findFault(yaml: Yaml, root: unknown): Fault | undefined {
  let aliases = 0;
  const walk = (node: unknown, depth: number, within: readonly string[] = []): Fault | undefined => {
    const fault = (problem: string, at: unknown = node): Fault => ({ problem, offset: offsetOf(at) });
    if (yaml.isAlias(node)) return ++aliases > maxAliases || within.includes(node.source) ? fault(unfolds) : undefined;
    if (yaml.isScalar(node))
      return typeof node.value === 'number' && !Number.isSafeInteger(node.value)
        ? fault('This number is too large: put it in quotes')
        : undefined;
    if (!yaml.isMap(node) && !yaml.isSeq(node)) return undefined;
    if (depth === maxDepth) return fault(tooDeep);
    const inside = node.anchor === undefined ? within : [...within, node.anchor];
    if (yaml.isSeq(node)) return firstOf(node.items, (item) => walk(item, depth + 1, inside));
    const keys = new Set<string>();
    return firstOf(node.items, ({ key, value }) => {
      const text = yaml.isScalar(key) ? String(key.value) : '';
      if (forbiddenKeys.has(text)) return fault(`The key \`${text}\` is not allowed`, key);
      if (keys.has(text)) return fault(`The key \`${text}\` stands twice in one mapping`, key);
      keys.add(text);
      return walk(value, depth + 1, inside);
    });
  };
  return walk(root, 0);
}

const offsetOf = (node: unknown): number =>
  (node as { readonly range?: readonly number[] | null } | null)?.range?.[0] ?? 0;

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
