import { renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { openDurability } from '#cache';
import type { Receipts, Report, Site } from '#engine';
import type { Witness } from '../witness.ts';
import { activate } from './activate.ts';
import { isPending, openDraft } from './draft.ts';
import { dropSlot } from './drop.ts';
import { openGlance } from './glance.ts';
import { type Ground, openRecords, stillHolds } from './ground.ts';
import { layoutOf } from './layout.ts';
import type { Lookout } from './lookout.ts';
import { type LinkMode, openLinker } from './link-mode.ts';
import { openReceipts } from './receipts.ts';
import type { Recipes } from './recipes.ts';
import { recover } from './recover.ts';
import { filesOf } from './slot-files.ts';
import { stageSlot } from './stage.ts';
import { stageMove } from './stage-move.ts';
import { stageRemoval } from './stage-removal.ts';
import { verifies } from './verify.ts';
import type { Shelves } from './wanted.ts';

/** A target, with what only the pipelines ask of it. */
export interface TargetSite extends Site, Receipts {
  /** Finishes an activation that was cut short, or clears away what was staged and never activated. To be called before anything is planned. */
  recover(): Promise<void>;
  /** Stages the removal of everything a slot owns, and of its receipt. Edited files, and files that are not ours, stay. */
  drop(slot: string): Promise<void>;
  /** How the installed packages looked, by their directories, when this run found all of them in place; undefined where it did not. */
  packages(): readonly Witness[] | undefined;
}

/** What a target needs to know. */
export interface SiteOptions {
  readonly target: string;
  readonly store: Shelves;
  /** Where it is kept how packages are laid out. */
  readonly recipes?: Recipes;
  readonly note: Report['note'];
  readonly linkMode?: LinkMode;
  /** Who has begun to look at it already. */
  readonly lookout?: Lookout;
  /** Whether a path is a clone that an earlier tool kept for all targets, which had links to it. */
  readonly isFormer?: (path: string) => boolean;
  /** How a name is given on disk; a test may end the world here. */
  readonly rename?: (from: string, to: string) => void;
}

/** The target at a directory, which need not exist. Opening it changes nothing on disk. */
export function openSite({
  target,
  store,
  recipes,
  note,
  linkMode = 'auto',
  lookout,
  isFormer = () => false,
  rename = renameSync,
}: SiteOptions): TargetSite {
  const layout = layoutOf(resolve(target));
  const [receipts, link] = [openReceipts(layout), openLinker(linkMode, note)];
  const [durability, glance] = [openDurability(layout.target), openGlance(layout, lookout)];
  const fixed = {
    layout,
    store,
    ...(recipes && { recipes }),
    note,
    receipts,
    glance,
    link,
    isFormer,
    rename,
    durability,
  };
  let ground: Ground = { ...fixed, draft: openDraft(layout.target) };
  return {
    stage: async (order) => stageSlot(ground, order),
    stageMove: async (order) => stageMove(ground, order),
    stageRemoval: async (what) => stageRemoval(ground, what),
    drop: async (slot) => dropSlot(ground, slot),
    holds: (slot) => stillHolds(ground, slot),
    verifies: async (slot) => verifies(ground, slot),
    placedAt: (slot) => receipts.answer(slot)?.at,
    pending: () => isPending(ground.draft),
    answer: (slot) => receipts.answer(slot),
    slots: () =>
      receipts.slots().flatMap((slot) => {
        const head = receipts.head(slot);
        return head === undefined ? [] : [{ slot, base: head.base, output: receipts.answer(slot)?.output }];
      }),
    stageAnswer(slot, answer) {
      if (isPending(ground.draft)) {
        ground.draft.answers.set(slot, answer);
        return;
      }
      openRecords(ground);
      const path = `${layout.receipts}/${filesOf(slot).answer}`;
      // Not flushed: an answer that a power cut takes is only asked for again.
      writeFileSync(`${path}.part`, `${JSON.stringify(answer)}\n`);
      rename(`${path}.part`, path);
      receipts.forget();
    },
    async activate(as) {
      const changed = [...ground.draft.changes.values()].map(({ base }) => base);
      await activate(ground, as);
      glance.keep(changed);
      ground = { ...fixed, draft: openDraft(layout.target) };
    },
    recover: async () => recover(ground),
    packages: glance.seen,
  };
}
