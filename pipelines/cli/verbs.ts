import { living } from './living-verbs.ts';
import { making } from './making-verbs.ts';
import type { Flag } from './verb.ts';

/** Every verb, in the order of `--help`. */
export const verbs = { ...making, ...living } as const;

/** The name of a verb. */
export type VerbName = keyof typeof verbs;

type ValueOf<F extends Flag> = F extends { takes: 'nothing' }
  ? true
  : F extends { takes: 'number' }
    ? number
    : F extends { takes: 'choice'; choices: readonly (infer Choice)[] }
      ? Choice
      : F extends { takes: 'names' | 'texts' }
        ? readonly string[]
        : string;

/** What was given of a verb's flags, under their names; a flag that was not given is absent. */
export type FlagsOf<Name extends VerbName> = {
  readonly [F in keyof (typeof verbs)[Name]['flags']]?: (typeof verbs)[Name]['flags'][F] extends infer One extends Flag
    ? ValueOf<One>
    : never;
};
