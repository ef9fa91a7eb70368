import type { Around } from './around.ts';
import { commandRealize } from './command-realize.ts';
import { type FlagsOf, verbs } from './verbs.ts';

/** The flags of a verb that realizes before it does its own work. */
export type RealizingFlags = FlagsOf<'realize'> & { readonly 'no-realize'?: true };

/** Realizes a version for another verb, which may be told not to. Answers the exit code: 0 when all is there. */
export async function realizeFirst(around: Around, id: string | undefined, flags: RealizingFlags): Promise<number> {
  if (flags['no-realize']) return 0;
  const names = Object.keys(verbs.realize.flags) as (keyof FlagsOf<'realize'>)[];
  // What a run with nothing to do tells is kept by its words: these are the ones for this run.
  const words = names.flatMap((name) => wordsOf(name, flags[name]));
  return commandRealize({ ...around, argv: ['realize', ...(id === undefined ? [] : [id]), ...words] }, id, flags);
}

const wordsOf = (name: string, value: string | number | true | undefined): readonly string[] => {
  if (value === undefined) return [];
  return value === true ? [`--${name}`] : [`--${name}=${value}`];
};
