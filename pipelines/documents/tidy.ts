import * as z from 'zod/mini';

import { addProblem, addWarning, below, check, type Findings, type Place } from './findings.ts';
import { didYouMean } from './nearest.ts';

/** True or false, also as the old tools took it: a number or text. */
export const Flag = z.pipe(
  z.literal([true, false, 1, 0, '1', '0', 'true', 'false', 'True', 'False'], 'Expected true or false'),
  z.transform((value) => [true, 1, '1', 'true', 'True'].includes(value)),
);

/** The directory of a machine: absolute, or relative to the project root. */
export const Directory = z.string().check(
  z.refine((path) => /^[^\p{Cc}]{1,1024}$/u.test(path), 'Expected the path of a directory'),
  z.regex(/^[^~$]/, 'Expected a path that is absolute, or relative to the project root'),
);

/** One text or a list of texts, as a list; blank ones count as absent. */
export const Texts = z.pipe(
  z.union([z.string(), z.array(z.string())], 'Expected text or a list of texts'),
  z.transform((value) =>
    [value]
      .flat()
      .map((text) => text.trim())
      .filter((text) => text !== ''),
  ),
);

/**
 * The fields of an object in a lenient document, for a strict schema: aliases get their proper name, null and blank
 * fields are absent, and an unknown key is a warning that names the nearest known one.
 */
export function tidy(
  value: unknown,
  known: { readonly keys: readonly string[]; readonly aliases?: Readonly<Record<string, string>> },
  place: Place,
  findings: Findings,
): Readonly<Record<string, unknown>> | undefined {
  const found = check(z.record(z.string(), z.unknown()), value, place, findings);
  if (found === undefined) return undefined;
  const fields: Record<string, unknown> = {};
  const aliases = known.aliases ?? {};
  for (const [key, raw] of Object.entries(found)) {
    const field = typeof raw === 'string' ? raw.trim() : raw;
    const name = aliases[key] ?? key;
    if (!known.keys.includes(name))
      addWarning(findings, below(place, key), `Unknown key, ignored${didYouMean(key, known.keys)}`);
    else if (field === null || field === '') continue;
    else if (name !== key && found[name] !== undefined && found[name] !== null) {
      if (found[name] !== raw)
        addProblem(findings, below(place, key), `Says the same as \`${name}\`, but differently: keep one`);
    } else fields[name] = field;
  }
  return fields;
}

/** The elements of a list with their places; an absent list has none. */
export function elementsOf(value: unknown, place: Place, findings: Findings): readonly (readonly [unknown, Place])[] {
  if (value === undefined) return [];
  const list = check(z.array(z.unknown()), value, place, findings) ?? [];
  return list.map((element, index) => [element, below(place, index)]);
}
