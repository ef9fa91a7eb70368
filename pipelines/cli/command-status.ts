import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { lastRunAt, recentRuns } from '#cache';
import { type Deviation, examine } from '../../tasks/tools/site/examine.ts';
import { realizedAt } from '../../tasks/tools/site/history.ts';
import { measureTarget, type Size } from '../../tasks/tools/site/measure.ts';
import { type Stranger, strangersIn } from '../../tasks/tools/site/strangers.ts';
import { type Change, compareLocks } from '../documents/compare-locks.ts';
import { versionIds } from '../documents/ids.ts';
import { isCurrent, parseLockfile } from '../documents/lockfile.ts';
import { disk, findCache, findRoot } from '../documents/paths.ts';
import type { Around } from './around.ts';
import { realizedIn, runName } from './facts-of.ts';
import { lockOf, openProject } from './open-project.ts';
import { isUnfinished, openRealized } from './open-realized.ts';
import { showStatus } from './show-status.ts';
import { tell } from './tell.ts';
import type { FlagsOf } from './verbs.ts';
import { whichTarget } from './which-target.ts';

/** How a realized version stands. */
export interface Status {
  readonly id: string;
  readonly target: string;
  /** When the target last changed, and when a run for it last ended. */
  readonly realized_at: Date;
  readonly last_run_at?: Date;
  /** The project's lockfile against the one the target was made by. */
  readonly lockfile:
    | { readonly is: 'same' | 'unknown' }
    | { readonly is: 'different'; readonly changes: readonly Change[] };
  /** Whether the version asks for something else than its lockfile. */
  readonly is_stale: boolean;
  readonly drift: readonly Deviation[];
  /** What others installed. */
  readonly strangers: readonly Stranger[];
  readonly unfinished: boolean;
  /** In bytes. */
  readonly sizes: {
    readonly shared: number;
    readonly own: number;
    readonly others: number;
    readonly slots: Readonly<Record<string, Size>>;
  };
}

/** `pipeline status [id]`: what is realized on this machine, and what of it is not as its lockfile says. Answers the exit code. */
export async function commandStatus(around: Around, id: string | undefined, flags: FlagsOf<'status'>): Promise<number> {
  const targets = id === undefined ? knownTargets(around, flags) : [openRealized(around, id, flags).paths.target];
  const versions: Status[] = [];
  for (const target of targets) versions.push(await statusOf(around, target));
  const lines =
    versions.length === 0
      ? ['Nothing that is realized is known here: give an id, or --target']
      : versions.flatMap((status, n) => [...(n > 0 ? [''] : []), ...showStatus(status)]);
  tell(around, { lines, document: { type: 'status', versions } }, flags);
  return 0;
}

/** Targets of runs on this machine, the latest first; then those in the usual places of the project's versions. */
function knownTargets(around: Around, flags: FlagsOf<'status'>): readonly string[] {
  const { cwd } = around;
  const { path: cache } = findCache({ ...around, probe: disk });
  const ran = [...recentRuns(join(cache, 'recent'))].flatMap((run) => realizedIn(run)?.target ?? []);
  const usual = versionIds(findRoot({ cwd, probe: disk }).path).map(
    (id) => whichTarget(around, id, flags).paths.target,
  );
  const asked = flags.target === undefined ? [...ran, ...usual] : [resolve(cwd, flags.target)];
  const known = asked.filter((target) => existsSync(target));
  // Two names of one directory are one target.
  const targets = new Map<string, string>();
  for (const target of known) if (!targets.has(realpathSync(target))) targets.set(realpathSync(target), target);
  return [...targets.values()].filter((target) => realizedAt(target) !== undefined);
}

async function statusOf(around: Around, target: string): Promise<Status> {
  const { version: id, lockfile, at } = realizedAt(target)!;
  const { path: cache } = findCache({ ...around, probe: disk });
  const ended = lastRunAt(join(cache, 'recent'), runName(id, target));
  const { slots, others } = measureTarget(target);
  const sum = (of: 'shared' | 'own'): number => [...slots.values()].reduce((bytes, size) => bytes + size[of], 0);
  return {
    id,
    target,
    realized_at: at,
    ...(ended !== undefined && { last_run_at: ended }),
    ...againstProject(around, id, lockfile),
    drift: await examine(target, { rehash: false, signal: around.signal }),
    strangers: strangersIn(target),
    unfinished: isUnfinished(target),
    sizes: { shared: sum('shared'), own: sum('own'), others, slots: Object.fromEntries(slots) },
  };
}

/** Documents that cannot be read say nothing: a look at a target should not fail of them. */
function againstProject(around: Around, id: string, text: string): Pick<Status, 'lockfile' | 'is_stale'> {
  try {
    const project = openProject(around, id, {});
    const lock = lockOf(project);
    if (lock === undefined) return { lockfile: { is: 'unknown' }, is_stale: false };
    const changes = compareLocks(parseLockfile(text, '.pipeline/lock.json'), lock);
    return {
      lockfile: changes.length === 0 ? { is: 'same' } : { is: 'different', changes },
      is_stale: !isCurrent(lock, project.version),
    };
  } catch {
    return { lockfile: { is: 'unknown' }, is_stale: false };
  }
}
