import { inspect } from 'node:util';

import { sha256Of } from '#cache';

declare const brand: unique symbol;

/** Digest of a question: task, revision and everything it reads. 64 hex characters. */
export type Key = string & { readonly [brand]: 'Key' };

/** Part of every key: raise it when the meaning of keys or artifacts changes. */
const format = 1;

/** The key of one question. `question` is what the task reads, already parsed by its schema. */
export const keyOf = (task: { readonly name: string; readonly revision: number }, question: unknown): Key =>
  sha256Of(canonical([format, task.name, task.revision, question])) as string as Key;

/**
 * JSON with one spelling per value: fields sorted by code unit, absent fields dropped.
 * Throws a TypeError on what JSON would lose: Date, Map, bigint, NaN, functions, `undefined` in a list.
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (isRecord(value)) {
    const fields: string[] = [];
    for (const name of Object.keys(value).toSorted()) {
      const field = value[name];
      if (field !== undefined) fields.push(`${JSON.stringify(name)}:${canonical(field)}`);
    }
    return `{${fields.join(',')}}`;
  }
  throw new TypeError(`A key cannot hold ${inspect(value, { depth: 1 })}`);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
