import { randomBytes } from 'node:crypto';

import type { Answer } from '#cache';
import type { Item } from './item.ts';
import type { Journal } from './journal.ts';
import { type Moves, openMoves } from './moves.ts';
import type { Head } from './receipts.ts';

/** What a slot owns, by path counted from the target. */
export type Owned = Pick<ReadonlyMap<string, Item>, 'get' | 'has' | 'keys'>;

/** What is staged for one slot. Paths are counted from the target. */
export interface Change extends Pick<Journal, 'removals' | 'prune'> {
  /** What the receipt will say; absent when the slot is dropped. */
  readonly head?: Head;
  readonly base: string;
  /** All that the slot will own. */
  readonly final: Owned;
  readonly put: readonly string[];
  /** Names what is staged: a directory with what is put, and the listing. */
  readonly name: string;
  /** What is staged survives a power cut once this resolves. */
  readonly settle: () => Promise<void>;
  readonly over: Journal['merges'][number]['over'];
  /** The directory in which everything of the user's is kept, instead of beside its old place. */
  readonly attic?: string;
  /** What was edited in a slot that is dropped. */
  readonly stays: readonly string[];
  /** Where a slot that goes was, when what is not ours of it is kept at `base` now. */
  readonly keptFrom?: string;
}

/** Everything staged by one run that has not taken effect. */
export interface Draft {
  /** Names this run's directories. */
  readonly run: string;
  readonly moves: Moves;
  /** Slots whose directory moves, with the base they will have. */
  readonly rebased: Map<string, string>;
  readonly changes: Map<string, Change>;
  readonly answers: Map<string, Answer>;
  /** For each slot that was read whole, the paths (counted from its base) whose bytes are not as their fingerprints promise. */
  readonly doubted: Map<string, ReadonlySet<string>>;
  /** What a person is told of the moves, when they have taken effect. */
  readonly news: string[];
  /** A name below the staging directory that nothing else has. */
  nextName(): string;
}

/** A draft in which nothing is staged. */
export function openDraft(target: string): Draft {
  let names = 0;
  return {
    run: randomBytes(6).toString('hex'),
    moves: openMoves(target),
    rebased: new Map(),
    changes: new Map(),
    answers: new Map(),
    doubted: new Map(),
    news: [],
    nextName: () => String((names += 1)),
  };
}

/** Whether something is staged that changes the target. */
export const isPending = ({ moves, rebased, changes }: Draft): boolean =>
  moves.list.length > 0 || rebased.size > 0 || changes.size > 0;
