import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';

import { kept } from './layout.ts';
import { isNormal, isRecord } from './path.ts';
import { Head } from './receipts.ts';
import { Seen } from './seen.ts';

/** A path of the user's, counted from the target. */
const Path = z.string().check(z.refine((path) => isNormal(path) && !isRecord(path)));
/** The same, or a place where things are kept. */
const Anywhere = z
  .string()
  .check(z.refine((path) => isNormal(path) && (!isRecord(path) || path.startsWith(`${kept}/`))));
/** A name below the staging directory. */
const Name = z.string().check(z.regex(/^[0-9a-z]+$/));

/**
 * The intent of one activation: what is still to be done can be told from the disk alone, so it may be carried out any
 * number of times, from any point. Paths are counted from the target, wherever that is by then.
 */
export type Journal = z.infer<typeof Journal>;
const Journal = z.object({
  format: z.literal(1),
  run: Name,
  /** Done when something is at `to`. */
  moves: z.array(z.object({ from: Anywhere, to: Anywhere })),
  /** Done when nothing is at `path`: nothing else will be. */
  removals: z.array(z.object({ path: Anywhere, seen: z.optional(Seen), attic: z.optional(Anywhere) })),
  /** Directories that go when nothing of the user's is in them, deepest first. */
  prune: z.array(Anywhere),
  /** What is still staged is still to be put. */
  merges: z.array(
    z.object({
      staged: Name,
      over: z.array(z.tuple([Path, z.union([z.literal('edited'), Seen])])),
      attic: z.optional(Anywhere),
    }),
  ),
  /** Receipts to write; `listing` is a staged one, absent when only the base changes. One that `isShared` names what others put too. */
  receipts: z.array(z.object({ head: Head, listing: z.optional(Name), isShared: z.optional(z.literal(true)) })),
  /** Slots whose receipts go, each with its directory when nobody else lives there. */
  dropped: z.array(z.object({ slot: z.string(), base: z.optional(Anywhere), keptFrom: z.optional(Path) })),
  /** Absent where the answer on record is to none of what the slot will hold. */
  answers: z.array(z.object({ slot: z.string(), answer: z.optional(z.json()) })),
  /** Absent where the target stays the version it is. */
  as: z.optional(z.object({ version: z.string(), lockfile: z.string() })),
  news: z.array(z.string()),
});

/** The text of a journal. */
export const renderJournal = (journal: Journal): string => JSON.stringify(journal);

/** The journal of an activation that was begun and not finished. Throws when it is none that can be carried out. */
export function readJournal(path: string): Journal | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return Journal.parse(JSON.parse(text));
}
