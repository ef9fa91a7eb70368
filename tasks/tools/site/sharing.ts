/**
 * Hard links that two threads make, each taking sections of a listing that nobody has begun with. `roots` and `into` are absolute:
 * the trees where the files are, and where they get their second names. `states` says of each section how far it is.
 */
export interface Sharing {
  readonly listing: string;
  readonly sections: readonly (readonly [root: number, lines: number])[];
  readonly roots: readonly string[];
  readonly into: string;
  readonly states: Int32Array<SharedArrayBuffer>;
}

/** What `states` hold: that its directories are missing, that it is to be done, that somebody is at it, that all of it is there. */
export const [closed, open, begun, done] = [0, 1, 2, 3] as const;

/** Whether a line of a listing is of a file that is shared. An empty one would soon have as many names as a volume allows. */
export const isLinked = (line: string): boolean =>
  (line.startsWith('f\t') || line.startsWith('x\t')) && !line.startsWith('0\t', 2);

/** Some lines of a listing, and the tree that they come from. */
export interface Section {
  readonly n: number;
  readonly root: string;
  readonly lines: readonly string[];
}

/** The sections of a listing. */
export function sectionsOf({ listing, sections, roots }: Omit<Sharing, 'into' | 'states'>): readonly Section[] {
  const lines = listing.split('\n');
  let from = 0;
  return sections.map(([root, count], n) => ({ n, root: roots[root]!, lines: lines.slice(from, (from += count)) }));
}

/** Begins with a section, unless somebody has. */
export const take = (states: Sharing['states'], n: number): boolean =>
  Atomics.compareExchange(states, n, open, begun) === open;

/** Marks a section, for whoever waits for it. */
export function mark(states: Sharing['states'], n: number, state: number): void {
  Atomics.store(states, n, state);
  Atomics.notify(states, n);
}

/** Sees to it that nobody begins with anything more. */
export function callOff({ states }: Pick<Sharing, 'states'>): void {
  for (const n of states.keys()) {
    for (const state of [closed, open]) Atomics.compareExchange(states, n, state, done);
    Atomics.notify(states, n);
  }
}
