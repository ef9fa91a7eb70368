import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import { sha256Of } from '#cache';
import { namesIn, textAt } from '../if-there.ts';
import type { Ground } from './ground.ts';
import type { Journal } from './journal.ts';
import type { Layout } from './layout.ts';
import { isAsStaged, lookedAtAfresh } from './as-it-is-now.ts';
import { perform } from './perform.ts';
import { type Paper, publish } from './publish.ts';
import { filesOf } from './slot-files.ts';

/** What it takes to carry out a journal: nothing that only the run that wrote it would know. */
export type Finisher = Pick<Ground, 'layout' | 'note' | 'rename' | 'durability' | 'receipts'>;

/** Carries out a committed journal, writes down what is so now, and cleans up. May be done again from any point. */
export async function finish(journal: Journal, ground: Finisher): Promise<void> {
  const { layout, durability, rename } = ground;
  perform(journal, ground);
  const staging = `${layout.staging}/${journal.run}`;
  const papers = [...receiptsOf(journal, layout), ...answersOf(journal, layout), ...recordsOf(journal.as, layout)];
  await publish(papers, { staging, durability, rename });
  for (const { slot } of journal.dropped)
    for (const name of Object.values(filesOf(slot))) rmSync(`${layout.receipts}/${name}`, { force: true });
  for (const { slot, answer } of journal.answers)
    if (answer === undefined) rmSync(`${layout.receipts}/${filesOf(slot).answer}`, { force: true });
  // Everything is confirmed by now: `publish` flushed the directory this name is in, and with it all that came before.
  rmSync(layout.journal, { force: true });
  ground.receipts.forget();
  for (const text of journal.news) ground.note('warning', text);
  await sweep(layout, journal.run);
}

/** Deletes what one run staged and threw away, or every run. What cannot be deleted now is deleted next time. */
export async function sweep({ staging, trash }: Layout, run?: string): Promise<void> {
  for (const directory of [staging, trash]) {
    try {
      await rm(run === undefined ? directory : `${directory}/${run}`, { recursive: true, force: true });
      if (run !== undefined) rmdirSync(directory);
    } catch {
      // Another run's, or not to be deleted: it is in nobody's way.
    }
  }
}

/** The head of a receipt is renamed after its listing: a head vouches for what it counts. */
function receiptsOf({ receipts, run }: Journal, { target, staging, receipts: directory }: Layout): readonly Paper[] {
  return receipts.flatMap(({ head, listing, isShared }) => {
    const files = filesOf(head.slot);
    const paper = { path: `${directory}/${files.head}`, text: `${JSON.stringify(head)}\n` };
    if (listing === undefined) return [paper];
    const staged = `${staging}/${run}/${listing}.files`;
    // A redo after the end: the receipt was written then.
    if (!existsSync(staged)) return [];
    const base = head.base === '' ? target : `${target}/${head.base}`;
    const isRight = isShared !== true && isAsStaged(staged, base);
    const listed = isRight ? { copyOf: staged } : { text: lookedAtAfresh(staged, base) };
    return [{ path: `${directory}/${files.listing}`, ...listed }, paper];
  });
}

const answersOf = ({ answers }: Journal, { receipts }: Layout): readonly Paper[] =>
  answers.flatMap(({ slot, answer }) =>
    answer === undefined ? [] : [{ path: `${receipts}/${filesOf(slot).answer}`, text: `${JSON.stringify(answer)}\n` }],
  );

/** What the target is now, and, when that is news, a page of its history. */
function recordsOf(as: Journal['as'], { current, lock, history }: Layout): readonly Paper[] {
  if (as === undefined) return [];
  const { version, lockfile } = as;
  const pages = namesIn(history).flatMap((name) => (/^\d+\.lock\.json$/.test(name) ? [Number.parseInt(name, 10)] : []));
  const newest = Math.max(0, ...pages);
  const isNews = textAt(`${history}/${newest}.lock.json`) !== lockfile;
  const page = { path: `${history}/${newest + 1}.lock.json`, text: lockfile };
  const text = `${JSON.stringify({ version, lockfile: sha256Of(lockfile) })}\n`;
  return [...(isNews ? [page] : []), { path: lock, text: lockfile }, { path: current, text }];
}
