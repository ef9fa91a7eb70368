import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod/mini';

import type { Answer } from '#cache';
import type { Layout } from './layout.ts';
import { type Listing, parseListing } from './listing.ts';
import { isNormal, isRecord } from './path.ts';
import { filesOf } from './slot-files.ts';

const Path = z.string().check(z.refine((path) => isNormal(path) && !isRecord(path)));

/** The small part of a receipt. `lines` is how many its listing has: a torn one would prove less than the whole. */
export type Head = z.infer<typeof Head>;
export const Head = z.object({
  slot: z.string(),
  base: z.string().check(z.refine((base) => base === '' || (isNormal(base) && !isRecord(base)))),
  digest: z.string(),
  files: z.int(),
  lines: z.int(),
  /** Symbolic links of the user's, counted from the target, behind which nothing was placed that was wanted there. */
  yielded: z.exactOptional(z.readonly(z.array(Path))),
});

/** What was placed for one slot: where, and (paths counted from the base) what. */
interface Receipt extends Head {
  readonly listing: Listing;
}

const Answered = z.object({
  key: z.string(),
  task: z.string(),
  input: z.unknown(),
  output: z.unknown(),
  at: z.string(),
  ms: z.number(),
});

/** The receipts that are in force. A receipt that cannot be read is one that does not exist: what it listed is then the user's. */
export interface Receipts {
  slots(): readonly string[];
  head(slot: string): Head | undefined;
  receipt(slot: string): Receipt | undefined;
  /** The same, its listing unread. */
  text(slot: string): (Head & { readonly text: string }) | undefined;
  answer(slot: string): Answer | undefined;
  /** To be called when they have been written. */
  forget(): void;
}

/** Reads the receipts of a target, each at most once until they are forgotten; texts whenever they are asked for. */
export function openReceipts({ receipts: directory }: Layout): Receipts {
  const read = <T>(name: string, parse: (text: string) => T): T | undefined => {
    try {
      return parse(readFileSync(`${directory}/${name}`, 'utf8'));
    } catch {
      return undefined;
    }
  };
  const heads = recalling((slot) => read(filesOf(slot).head, (text) => Head.parse(JSON.parse(text))));
  const answers = recalling((slot) => read(filesOf(slot).answer, (text): Answer => Answered.parse(JSON.parse(text))));
  const receipts = recalling((slot): Receipt | undefined => {
    const head = heads.of(slot);
    const listing = read(filesOf(slot).listing, parseListing);
    if (head === undefined || listing?.size !== head.lines) return undefined;
    return head.base === '' && listing.keys().some(isRecord) ? undefined : { ...head, listing };
  });
  const names = recalling(() =>
    namesIn(directory).flatMap((name) => (name.endsWith('.json') ? [decoded(name.slice(0, -5))] : [])),
  );
  return {
    slots: () => names.of(''),
    head: heads.of,
    receipt: receipts.of,
    text(slot) {
      const head = heads.of(slot);
      const text = read(filesOf(slot).listing, String);
      return head === undefined || text === undefined ? undefined : { ...head, text };
    },
    answer: answers.of,
    forget: () => [heads, answers, receipts, names].forEach(({ forget }) => forget()),
  };
}

/** What is found by name, found once. */
function recalling<T>(find: (name: string) => T): { readonly of: (name: string) => T; readonly forget: () => void } {
  const known = new Map<string, { readonly found: T }>();
  return {
    of(name) {
      const { found } = known.get(name) ?? { found: find(name) };
      known.set(name, { found });
      return found;
    },
    forget: () => known.clear(),
  };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return [];
  }
}

const decoded = (name: string): string => decodeURIComponent(name);
