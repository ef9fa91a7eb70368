/** What looking at one thing came to. A problem prevents a realize; a warning does not. */
export interface Finding {
  /** What was looked at, in a word or two: `git`, `disk of the cache`. */
  readonly about: string;
  readonly is: 'ok' | 'warning' | 'problem';
  /** What was found, in a sentence. */
  readonly says: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** Figures behind it, their units in their names. */
  readonly measured?: Measured;
}

type Measured = Readonly<Record<string, number | string | boolean>>;

/** Nothing to do. */
export const fine = (about: string, says: string, measured?: Measured): Finding => ({
  about,
  is: 'ok',
  says,
  ...(measured !== undefined && { measured }),
});

/** Something that will be felt, and what to do. */
export const warning = (about: string, says: string, remedy: string, measured?: Measured): Finding => ({
  ...fine(about, says, measured),
  is: 'warning',
  remedy,
});

/** Something that prevents a realize, and what to do. */
export const problem = (about: string, says: string, remedy: string, measured?: Measured): Finding => ({
  ...fine(about, says, measured),
  is: 'problem',
  remedy,
});
