import type { Holding, Measure } from '#cache';

/** What there is in a cache, in the order in which people are told. */
export const kinds = [
  'models',
  'wheels',
  'packages',
  'core',
  'nodes',
  'others',
  'mirrors',
  'partial',
  'programs',
  'results',
  'records',
  'quarantine',
  'temps',
] as const;

/** One of them. `others` are objects that no answer names, or one of a task of somebody's own. */
export type Kind = (typeof kinds)[number];

/** Something that a cache holds, with its name in the cache, and what it is to people, where that is known. */
export interface Thing extends Holding {
  readonly kind: Kind;
  readonly name: string;
  readonly about?: string;
  readonly measure: Measure;
  /** Takes it away unless it was used since `before` (by the clock of the volume). Answers whether it went. */
  remove(before: number): Promise<boolean>;
}

/** What deleting something frees, in bytes. */
export const freedBy = ({ disk, shared }: Measure): number => disk - shared;
