import { join } from 'node:path';

import { hexOf, type LastRun, lastRuns, wordsOf } from '#cache';
import { Failed, footingOf, planFor } from '#engine';
import { textAt } from '../../../tasks/tools/if-there.ts';
import { layoutOf } from '../../../tasks/tools/site/layout.ts';
import { filesOf } from '../../../tasks/tools/site/slot-files.ts';
import { renderLockfile } from '../../documents/lockfile.ts';
import { realize } from '../../realize.ts';
import type { Around } from '../around.ts';
import { factsOf, realizedIn } from '../facts-of.ts';
import { lockOf, openProject } from '../open-project.ts';
import { openWorkshop } from '../open-workshop.ts';
import { formatBytes } from '../render/format-bytes.ts';
import { tell } from '../tell.ts';
import type { FlagsOf } from '../verbs.ts';
import { chooseThings, countsOf, freed, removeAll } from './command-gc.ts';
import { cleanLibraries } from './libraries.ts';
import { type Survey, surveyCache } from './survey.ts';

/**
 * `pipeline cache prune --keep <id...>`: shrinks the cache to what realizing these versions without network takes, as a CI
 * cache is saved. Answers the exit code.
 */
export async function commandPrune(around: Around, flags: FlagsOf<'cache'>): Promise<number> {
  const ids = flags.keep ?? [];
  if (ids.length === 0)
    throw new Failed({
      kind: 'usage',
      problem: 'prune needs --keep',
      hint: 'write `pipeline cache prune --keep <id...>`, or `pipeline cache gc` to keep all that is needed',
    });
  const footings = [];
  for (const id of ids) footings.push(await footingOfVersion(around, id));
  const survey = keepOnly(await surveyCache(around), ids, footings);
  const { now, live } = survey;
  const before = Math.min(now, live.since);
  const { goes, left } = await chooseThings(survey, { now, before }, around.signal);
  const isDry = flags['dry-run'] ?? false;
  const gone = isDry ? goes : await removeAll(goes, before, around.signal);
  if (!isDry) cleanLibraries(around, survey);
  const missing = footings.flatMap((footing) => footing.missing);
  const document = {
    type: 'prune',
    dry_run: isDry,
    keep: ids,
    removed: gone.length,
    freed_bytes: freed(gone),
    left_bytes: left,
    missing,
  };
  const lines = [
    `${isDry ? 'Would remove' : 'Removed'} ${countsOf(gone)}: ${formatBytes(freed(gone))}; ${formatBytes(left)} stay`,
    ...missing.map((name) => `Not here, and would be made: ${name}`),
  ];
  tell(around, { lines, document }, flags);
  return 0;
}

/** What is kept is told, not how it was found. */
const emit = (): void => {};

/** What a version stands on, and what would be wanted to make what is not there. */
interface Need {
  readonly words: readonly string[];
  readonly missing: readonly string[];
}

async function footingOfVersion(around: Around, id: string): Promise<Need> {
  const project = openProject(around, id, {});
  const lock = lockOf(project);
  const hint = `run \`pipeline validate ${id}\``;
  if (lock === undefined) throw new Failed({ kind: 'absent', what: `lockfiles/${id}.lock.json`, hint });
  const facts = await factsOf(project, lock, { around, emit, readOnly: true });
  const { workshop } = openWorkshop(project.settings, { run: `prune ${id}`, emit, signal: around.signal });
  const { keys, digests, missing } = await footingOf(planFor(realize.plan(facts)), workshop);
  const words = [...keys, ...[...digests].map(hexOf)];
  // Whatever it is that has to be made, what is here of it already saves fetching it.
  return { words: missing.length === 0 ? words : [...words, ...wordsOf(renderLockfile(lock))], missing };
}

/** The same survey, as if nothing else were wanted: but work that goes on, and the models that targets of this machine link to. */
function keepOnly(survey: Survey, ids: readonly string[], needs: readonly Need[]): Survey {
  const { roots, live, marker, cache } = survey;
  const links = roots.flatMap(({ kind, name, isUnseen }) => (kind === 'target' && !isUnseen ? linkedFrom(name) : []));
  const needed = new Set([
    ...needs.flatMap(({ words }) => words),
    ...links.flatMap(wordsOf),
    ...marker.from(live.needs),
  ]);
  const isOurs = ({ run = '' }: LastRun): boolean => ids.includes(realizedIn(run)?.id ?? '');
  return { ...survey, needed, isBare: true, ended: lastRuns(join(cache, 'recent')).filter((run) => !isOurs(run)) };
}

/** The texts that name the models a target has as links. */
const linkedFrom = (target: string): readonly string[] => {
  const { receipts } = layoutOf(target);
  const { listing, answer } = filesOf('models');
  return [listing, answer].flatMap((name) => textAt(join(receipts, name)) ?? []);
};
