/** One flag of a verb. `takes` says what follows it; `value` is how help names that. A seldom one is named there, and no more. */
export type Flag = Kind & { readonly seldom?: true };

type Kind =
  | { readonly takes: 'nothing'; readonly about: string }
  | { readonly takes: 'text'; readonly value: string; readonly about: string }
  | {
      readonly takes: 'number';
      readonly value: string;
      readonly least: number;
      readonly most: number;
      readonly about: string;
    }
  | { readonly takes: 'choice'; readonly value: string; readonly choices: readonly string[]; readonly about: string }
  /** One word each time; may be repeated. */
  | { readonly takes: 'texts'; readonly value: string; readonly about: string }
  /** Any number of words, also none; may be repeated. */
  | { readonly takes: 'names'; readonly value: string; readonly about: string };

/** One thing `pipeline` can be told to do. Parsing, `--help` and suggestions all read this. */
export interface Verb {
  readonly summary: string;
  /** How usage names the positionals, and how many there may be. */
  readonly positionals: { readonly usage: string; readonly least: number; readonly most: number };
  /** What may come after `--`, where anything may. */
  readonly rest?: string;
  /** It realizes a version first. The flags for that are told by the help of `realize`. */
  readonly realizes?: true;
  /** Seldom needed: the overview has its name alone. */
  readonly seldom?: true;
  readonly flags: Readonly<Record<string, Flag>>;
  readonly example: string;
}
