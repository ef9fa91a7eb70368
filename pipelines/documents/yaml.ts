import type * as yamlModule from 'yaml';

import { Failed } from '#engine';

import { forbiddenKeys, maxDepth } from './parse-json.ts';
import { scanYaml, yamlLimits, type YamlFault, yamlProblems } from './yaml-scan.ts';

type Yaml = Pick<typeof yamlModule, 'isAlias' | 'isMap' | 'isScalar' | 'isSeq'>;

/**
 * The value of a YAML text, of at most 1 MB and, as in JSON documents, 64 levels, no key twice. Only null, true, false and
 * whole numbers are more than text: a version `1.10`, or a commit such as `12e4...`, is no number. Tags are refused, as are
 * aliases that would unfold without end. `name` is what messages call the file.
 */
export async function valueOfYaml(text: string, name: string): Promise<unknown> {
  const refuse = (problem: string, at?: string): never => {
    throw new Failed({ kind: 'document', file: name, ...(at === undefined ? {} : { at }), problem });
  };
  const yaml = await import('yaml');
  const placeOf = (offset: number): string => {
    const before = text.slice(0, offset);
    return `line ${before.split('\n').length}, column ${offset - before.lastIndexOf('\n')}`;
  };
  const hostile = scanYaml(yaml, text);
  if (hostile !== undefined)
    refuse(hostile.problem, hostile.offset === undefined ? undefined : placeOf(hostile.offset));
  // Comparing every key with every other one, and quoting the text for each error, take for ever in hostile documents.
  const document = yaml.parseDocument(text, {
    schema: 'failsafe',
    customTags: ['null', 'bool', 'int'],
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
  });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) refuse(inWords(fault, text), placeOf(fault.pos[0]));
  const found = findFault(yaml, document.contents);
  if (found !== undefined) refuse(found.problem, placeOf(found.offset ?? 0));
  try {
    return document.toJS({ maxAliasCount: yamlLimits.aliases }) as unknown;
  } catch (error) {
    if (error instanceof ReferenceError) return refuse(yamlProblems.unfolds);
    throw error;
  }
}

/** What is said where the parser's own words would quote the text. */
const faults: Partial<Record<yamlModule.ErrorCode, string>> = {
  MULTIPLE_DOCS: 'Expected one document, and found another one after `---`',
  NON_STRING_KEY: 'Expected keys that are text',
  RESOURCE_EXHAUSTION: yamlProblems.tooDeep,
  TAG_RESOLVE_FAILED: yamlProblems.tags,
};

function inWords(
  { code, message, pos: [offset] }: yamlModule.YAMLParseError | yamlModule.YAMLWarning,
  text: string,
): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + 1);
  return /^\s*\t/.test(line) ? 'Expected spaces: YAML does not take tabs before a line' : (faults[code] ?? message);
}

/** The first thing that is allowed in YAML, and not in our documents. */
function findFault(yaml: Yaml, root: unknown): YamlFault | undefined {
  const walk = (node: unknown, depth: number, within: readonly string[] = []): YamlFault | undefined => {
    const fault = (problem: string, at: unknown = node): YamlFault => ({ problem, offset: offsetOf(at) });
    if (yaml.isAlias(node)) return within.includes(node.source) ? fault(yamlProblems.unfolds) : undefined;
    if (yaml.isScalar(node))
      return typeof node.value === 'number' && !Number.isSafeInteger(node.value)
        ? fault('This number is too large: put it in quotes')
        : undefined;
    if (!yaml.isMap(node) && !yaml.isSeq(node)) return undefined;
    if (depth === maxDepth) return fault(yamlProblems.tooDeep);
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
