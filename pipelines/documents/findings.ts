import type * as z from 'zod/mini';

import { Failed } from '#engine';

/** An element of a document: `custom_nodes[2].repo` of `versions/demo.json`. */
export interface Place {
  readonly file: string;
  readonly at: string;
}

/** What was found while documents were read. A problem refuses them, a warning does not. */
export interface Findings {
  readonly problems: (Place & { readonly problem: string })[];
  readonly warnings: string[];
}

/** The place of a field or an element of what is at `place`. */
export const below = (place: Place, ...path: readonly PropertyKey[]): Place => ({
  file: place.file,
  at: path.reduce<string>(
    (at, part) => (typeof part === 'number' ? `${at}[${part}]` : at === '' ? String(part) : `${at}.${String(part)}`),
    place.at,
  ),
});

/** Adds what refuses the documents, in words for people. */
export function addProblem(findings: Findings, place: Place, problem: string): void {
  findings.problems.push({ ...place, problem });
}

/** Adds what a person should know, though the documents are read. */
export function addWarning(findings: Findings, { file, at }: Place, warning: string): void {
  findings.warnings.push([file, at, warning].filter((part) => part !== '').join(': '));
}

/** What `schema` makes of a value; or nothing, and a problem for each thing that is wrong. */
export function check<S extends z.ZodMiniType>(
  schema: S,
  value: unknown,
  place: Place,
  findings: Findings,
): z.output<S> | undefined {
  const result = schema.safeParse(value, { error: inWords });
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) addProblem(findings, below(place, ...path), message);
  return undefined;
}

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What is wrong where a schema has no words of its own. */
function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return 'Missing';
  if (issue.code === 'invalid_type') return `Expected ${nouns[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return `Expected ${oneOf(issue.values)}`;
  if (issue.code === 'invalid_union' && Array.isArray(issue.options)) return `Expected ${oneOf(issue.options)}`;
  if (issue.code === 'too_small') return `Expected at least ${issue.minimum}`;
  if (issue.code === 'invalid_key') return issue.issues[0]?.message;
  return undefined;
}

const oneOf = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(' or ');

/** Refuses the documents when there is any problem: all of them in one failure, and the warnings, which may explain them. */
export function refuseProblems({ problems, warnings }: Findings): void {
  const [first, ...others] = problems;
  if (first === undefined) return;
  const hint = warnings.length > 0 ? { hint: warnings.join('\n') } : {};
  if (others.length === 0) throw new Failed({ kind: 'document', ...first, ...hint });
  const lines = problems.map(({ file, at, problem }) =>
    [file === first.file ? '' : file, at, problem].filter((part) => part !== '').join(': '),
  );
  const problem = `${problems.length} problems\n${lines.map((line) => `  ${line}`).join('\n')}`;
  throw new Failed({ kind: 'document', file: first.file, problem, ...hint });
}

/** Adds a problem, that names both places, for each item that claims what an earlier one has. */
export function refuseTwice<T>(
  items: readonly T[],
  placeOf: (item: T) => Place,
  claimsOf: (item: T) => readonly (string | undefined)[],
  findings: Findings,
): void {
  const taken = new Map<string, Place>();
  for (const item of items) {
    const claims = claimsOf(item).filter((claim) => claim !== undefined);
    const claim = claims.find((text) => taken.has(text));
    const place = placeOf(item);
    const other = claim === undefined ? undefined : taken.get(claim);
    if (other)
      addProblem(
        findings,
        place,
        `${claim} is taken by ${other.file === place.file ? '' : `${other.file}: `}${other.at}`,
      );
    else for (const text of claims) taken.set(text, place);
  }
}
