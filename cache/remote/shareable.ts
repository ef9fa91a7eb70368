import { type Digest, isDigest } from '../digest.ts';
import type { Answer } from '../results.ts';

/** The digests that an output names, wherever they stand in it, each once. */
export function digestsIn(output: unknown): readonly Digest[] {
  return [...new Set(textsIn(output).filter(isDigest))];
}

/** A path or file of this machine; a URL with a password or with a query, which may be one. */
const bound = /^(?:~?\/|[a-z]:[\\/]|file:)|:\/\/[^/\s?#]*:[^/\s?#]*@|:\/\/\S*\?/i;

/** Whether an answer is none of anybody else's business: it names a place of this machine, or holds a secret. */
export function isBoundHere({ input, output }: Answer, secrets: readonly string[]): boolean {
  return textsIn([input, output]).some(
    (text) => bound.test(text) || secrets.some((secret) => secret !== '' && text.includes(secret)),
  );
}

/** All texts of a value, names of fields among them. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [name, ...textsIn(field)]);
}
