import { maxDepth } from './parse-json.ts';

/** What is wrong with a YAML text, and where, unless that is all of it: an offset in characters. */
export interface YamlFault {
  readonly problem: string;
  readonly offset?: number;
}

/** What a YAML document may be at most. Its reader keeps everything it finds, also every fault: hostile ones took it a minute. */
export const yamlLimits = { bytes: 1_000_000, parts: 200_000, aliases: 100 };

/** What is said of what YAML allows, and our documents do not. */
export const yamlProblems = {
  unfolds: 'Its aliases (`*name`) would unfold without end',
  tooDeep: `Lists and mappings are more than ${maxDepth} deep`,
  tags: 'Tags (`!name`) are not allowed',
  tooLong: 'A YAML document has at most 1 MB',
  tooMany: `A YAML document has at most ${yamlLimits.parts} words and marks`,
} as const;

/** Marks that the lexer puts between the pieces of the text: they are no part of it. */
const marks = new Set(['\u0002', '\u0018', '\u001F']);
const scalarFollows = '\u001F';

/** What cuts a text into pieces, and what says of which kind one is. */
interface Reader {
  readonly Lexer: new () => { lex(text: string): Iterable<string> };
  readonly CST: { tokenType(piece: string): string | null };
}

/** Looks through the pieces of a text, from left to right, for what refuses it; stops at the first. Nothing is built of them. */
export function scanYaml({ Lexer, CST }: Reader, text: string): YamlFault | undefined {
  if (Buffer.byteLength(text) > yamlLimits.bytes) return { problem: yamlProblems.tooLong };
  const seen = { parts: 0, aliases: 0, depth: 0 };
  let offset = 0;
  let isScalar = false;
  for (const piece of new Lexer().lex(text)) {
    const problem = isScalar || marks.has(piece) ? undefined : problemOf(CST.tokenType(piece), seen);
    if (problem !== undefined) return { problem, offset };
    if (++seen.parts > yamlLimits.parts) return { problem: yamlProblems.tooMany, offset };
    isScalar = piece === scalarFollows;
    if (!marks.has(piece)) offset += piece.length;
  }
  return undefined;
}

/** What one more piece of a kind makes of what was seen. */
function problemOf(kind: string | null, seen: { aliases: number; depth: number }): string | undefined {
  if (kind === 'tag') return yamlProblems.tags;
  if (kind === 'alias' && ++seen.aliases > yamlLimits.aliases) return yamlProblems.unfolds;
  if (kind === 'flow-map-end' || kind === 'flow-seq-end') seen.depth--;
  if ((kind === 'flow-map-start' || kind === 'flow-seq-start') && ++seen.depth > maxDepth) return yamlProblems.tooDeep;
  return undefined;
}
