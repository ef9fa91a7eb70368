import * as z from 'zod/mini';

import { addProblem, below, check, type Findings, type Place } from './findings.ts';

/** The name of an environment variable. */
export const VariableName = z
  .string()
  .check(z.regex(/^[A-Za-z_]\w*$/, 'Expected the name of an environment variable: letters, digits and `_`'));

/** Environment variables as documents hold them, by name: `${NAME}` is not expanded. */
export type Env = z.infer<typeof Env>;
export const Env = z.record(VariableName, z.string().check(z.regex(/^[^\0]*$/, 'A value has no NUL character')));

/** A variable's value as documents write it. */
export const Scalar = z.pipe(
  z.union([z.string(), z.number(), z.boolean(), z.null()], 'Expected text'),
  z.transform((value) => String(value ?? '')),
);
const secretName = /(?:^|_)(?:TOKEN|SECRET|PASSWORD|API_?KEY|ACCESS_KEY)$/i;

/** Reads `env`: numbers and booleans become text, null becomes empty. A secret in the clear is refused, as documents are shared. */
export function readEnv(value: unknown, place: Place, findings: Findings): Env {
  const env: Record<string, string> = {};
  for (const [name, field] of Object.entries(check(z.record(z.string(), z.unknown()), value, place, findings) ?? {})) {
    const text = check(Scalar, field, below(place, name), findings);
    if (text === undefined) continue;
    if (secretName.test(name) && text.replaceAll(reference, '').trim() !== '')
      addProblem(
        findings,
        below(place, name),
        `A secret in the clear: write "\${${name}}", and set ${name} where you run pipeline`,
      );
    env[name] = text;
  }
  return check(Env, env, place, findings) ?? {};
}

const reference = /\$\{([A-Za-z_]\w*)\}/g;

/** A variable to run with. What came from the `caller` may be secret: it enters no key, no lock and no log. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly from: 'document' | 'caller';
}

/** Puts the caller's variables where a document says `${NAME}`. A variable that needs one that is not set is left out, and listed with it. */
export function expandEnv(
  env: Env,
  callerEnvironment: Readonly<Record<string, string | undefined>>,
): {
  readonly variables: readonly Variable[];
  readonly unset: readonly { readonly name: string; readonly needs: string }[];
} {
  const variables: Variable[] = [];
  const unset: { name: string; needs: string }[] = [];
  for (const [name, text] of Object.entries(env)) {
    const needed = [...text.matchAll(reference)].map((match) => match[1]!);
    const missing = needed.filter((need) => callerEnvironment[need] === undefined);
    if (missing.length > 0) unset.push(...missing.map((needs) => ({ name, needs })));
    else {
      const value = text.replaceAll(reference, (_, need: string) => callerEnvironment[need]!);
      variables.push({ name, value, from: needed.length > 0 ? 'caller' : 'document' });
    }
  }
  return { variables, unset };
}
