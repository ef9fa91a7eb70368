import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { stillSo, type Witness, witness } from '../witness.ts';
import { holdsAll } from './holds.ts';
import type { Layout } from './layout.ts';
import { type Lookout, packages } from './lookout.ts';
import { linesIn, pathOf } from './listing.ts';
import { parentOf, within } from './path.ts';
import { lookedThrough } from './portions.ts';
import type { Head, Receipts } from './receipts.ts';
import { filesOf } from './slot-files.ts';

/**
 * Installed packages as they were when all of them were found in place: their receipt and their directories, which change when
 * a file is added, removed or renamed over. A run that plans looks at every file all the same; the record of a run with nothing
 * to do (`quick.ts`) is content with this.
 */
export interface Glance {
  /** Whether the packages that the receipts list are all in place. */
  readonly holds: (receipts: Pick<Receipts, 'head' | 'text'>) => boolean;
  /**
   * Keeps what was seen for the next run, unless what was `changed` (bases of slots) is among it. Only time is lost where it
   * cannot be written, or by a power cut.
   */
  readonly keep: (changed?: readonly string[]) => void;
  /** What was seen when the packages were found in place, and was not changed since by this process. */
  readonly seen: () => readonly Witness[] | undefined;
}

/** The glance at one target, with a `lookout` where there is one. */
export function openGlance(layout: Layout, lookout?: Lookout): Glance {
  let seen: { readonly base: string; readonly witnesses: readonly Witness[]; readonly isKept: boolean } | undefined;
  let ahead = lookout?.target === layout.target ? lookout : undefined;
  return {
    holds(receipts) {
      const [first, head] = [ahead, receipts.head(packages)];
      // What it saw is about one moment.
      ahead = undefined;
      // Where a directory is not as it was, it is only known to be in place when it is looked at before its files.
      const known = head && first && sawBy(first, head, layout) ? glanceAt(layout) : undefined;
      if (known !== undefined) {
        const holds = lookedThrough(first!.watch) === head!.lines;
        if (holds) seen = { base: head!.base, witnesses: known, isKept: true };
        return holds;
      }
      const receipt = receipts.text(packages);
      if (receipt === undefined) return false;
      // Before the files: what changes meanwhile shows the next time.
      const base = join(layout.target, receipt.base);
      const before = [...receiptIn(layout), ...directoriesOf(base, linesIn(receipt.text))];
      const holds = holdsAll(base, receipt.text, receipt.lines);
      if (holds) seen = { base: receipt.base, witnesses: before, isKept: false };
      return holds;
    },
    keep(changed = []) {
      if (seen === undefined) return;
      const { base, witnesses, isKept } = seen;
      if (changed.some((other) => within(base, other))) seen = undefined;
      if (seen === undefined || isKept) return;
      try {
        // In place: one that is torn has too few lines, or a last one that names no directory that looks so.
        writeFileSync(fileIn(layout), [`${witnesses.length}`, ...witnesses].join('\n'));
      } catch {
        // Every file is looked at again.
      }
    },
    seen: () => seen?.witnesses,
  };
}

/** Whether a lookout looks by the receipt that is in force. */
const sawBy = ({ receipt, watch }: Lookout, { base }: Head, { target }: Layout): boolean =>
  receipt.every(stillSo) && watch.base === join(target, base);

/** What was seen when the packages were last all in place, as long as it looks the same; nothing where it was not kept whole. */
export function glanceAt(layout: Layout): readonly Witness[] | undefined {
  try {
    const [count, ...seen] = readFileSync(fileIn(layout), 'utf8').split('\n');
    return seen.length > 0 && seen.length === Number(count) && seen.every(stillSo) ? seen : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The directories of the files that the lines of a listing name, counted from `base` (absolute). Those of compiled ones are left
 * out: Python makes them again, and puts others beside them.
 */
export function directoriesOf(base: string, lines: Iterable<string>): readonly Witness[] {
  const directories = new Set<string>();
  let last: string | undefined;
  for (const line of lines) {
    const path = pathOf(line);
    const directory = parentOf(path);
    if (directory === last || path.includes('/__pycache__/')) continue;
    last = directory;
    directories.add(join(base, directory));
  }
  return [...directories].map(witness);
}

const fileIn = ({ receipts }: Layout): string => join(receipts, filesOf(packages).glance);

const receiptIn = ({ receipts }: Layout): readonly Witness[] => {
  const { head, listing } = filesOf(packages);
  return [head, listing].map((name) => witness(join(receipts, name)));
};
