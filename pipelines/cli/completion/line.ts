import type { Flag, Verb } from '../verb.ts';
import { verbs } from '../verbs.ts';

/** What may stand at one place of a command line: one of some words, the id of a version, a path, or what only its writer knows. */
export type Place =
  | { readonly of: 'choices'; readonly words: readonly string[] }
  | { readonly of: 'ids' | 'ids-or-files' | 'files' | 'directories' | 'anything' };

/** A flag as shells complete it. `value` is undefined where none follows. */
export interface CompletedFlag {
  readonly name: string;
  readonly about: string;
  readonly value?: Place;
  readonly repeats: boolean;
}

/** A verb as shells complete it. */
export interface CompletedVerb {
  readonly name: string;
  readonly summary: string;
  readonly places: readonly Place[];
  readonly flags: readonly CompletedFlag[];
  /** Whether words for another program follow `--`. */
  readonly hasRest: boolean;
}

/** Every verb. The shells' scripts are written from this, and from nothing else. */
export const completedVerbs = (): readonly CompletedVerb[] =>
  Object.entries(verbs as Readonly<Record<string, Verb>>).map(([name, { summary, positionals, flags, rest }]) => ({
    name,
    summary,
    places: placesOf(positionals.usage),
    flags: Object.entries(flags).map(([flag, what]) => completedFlag(flag, what)),
    hasRest: rest !== undefined,
  }));

/** `<id> [<n>]` is two places: what help says of a verb is what is completed. */
const placesOf = (usage: string): readonly Place[] =>
  [...usage.matchAll(/<([^>]+)>/g)].map(([, word]) => {
    if (word!.includes('|')) return { of: 'choices', words: word!.split('|') };
    return { of: places[word!] ?? 'anything' };
  });

type Plain = Exclude<Place['of'], 'choices'>;

const places: Readonly<Record<string, Plain>> = { id: 'ids', a: 'ids-or-files', b: 'ids-or-files', file: 'files' };

function completedFlag(name: string, flag: Flag): CompletedFlag {
  const { about } = flag;
  const repeats = flag.takes === 'texts' || flag.takes === 'names';
  if (flag.takes === 'nothing' || flag.takes === 'names') return { name, about, repeats };
  return {
    name,
    about,
    repeats,
    value: flag.takes === 'choice' ? { of: 'choices', words: flag.choices } : { of: values[flag.value] ?? 'anything' },
  };
}

/** What help calls the value of a flag says what it is. */
const values: Readonly<Record<string, Plain>> = {
  ID: 'ids',
  FILE: 'files',
  PATH: 'files',
  X: 'files',
  DIR: 'directories',
};
