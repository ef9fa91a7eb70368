import { join, resolve } from 'node:path';

import { lastRunAt } from '#cache';
import { type Deviation, examine } from '../../tasks/tools/site/examine.ts';
import { realizedAt } from '../../tasks/tools/site/history.ts';
import { measureTarget, type Size } from '../../tasks/tools/site/measure.ts';
import { type Stranger, strangersIn } from '../../tasks/tools/site/strangers.ts';
import { type Change, compareLocks } from '../documents/compare-locks.ts';
import { isCurrent, parseLockfile } from '../documents/lockfile.ts';
import { disk, findCache } from '../documents/paths.ts';
import type { Around } from './around.ts';
import { runName } from './facts-of.ts';
import { knownTargets } from './known-targets.ts';
import { nodeDriftOf, showDrift } from './node-drift.ts';
import { lockOf, openProject } from './open-project.ts';
import { isUnfinished, openRealized } from './open-realized.ts';
import { showStatus } from './show-status.ts';
import { tell } from './tell.ts';
import type { FlagsOf } from './verbs.ts';

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
  /** Packs that are not as the target's lockfile has them, in words. */
  readonly nodes: readonly string[];
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
  const targets = targetsMeant(around, id, flags);
  const versions: Status[] = [];
  for (const target of targets) versions.push(await statusOf(around, target));
  const lines =
    versions.length === 0
      ? ['Nothing that is realized is known here: give an id, or --target']
      : versions.flatMap((status, n) => [...(n > 0 ? [''] : []), ...showStatus(status)]);
  tell(around, { lines, document: { type: 'status', versions } }, flags);
  return 0;
}

/** The target that is named; else all that are known, of the version that is named. */
function targetsMeant(around: Around, id: string | undefined, flags: FlagsOf<'status'>): readonly string[] {
  const { target } = flags;
  if (id === undefined && target !== undefined) return [resolve(around.cwd, target)].filter(isRealized);
  const known = target === undefined ? knownTargets(around) : [];
  if (id === undefined) return known;
  const ours = known.filter((one) => realizedAt(one)?.version === id);
  return ours.length > 0 ? ours : [openRealized(around, id, flags).paths.target];
}

const isRealized = (target: string): boolean => realizedAt(target) !== undefined;

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
    nodes: nodesOf(target, lockfile),
    strangers: strangersIn(target),
    unfinished: isUnfinished(target),
    sizes: { shared: sum('shared'), own: sum('own'), others, slots: Object.fromEntries(slots) },
  };
}

function nodesOf(target: string, text: string): readonly string[] {
  try {
    return nodeDriftOf(target, parseLockfile(text, '.pipeline/lock.json')).map(showDrift);
  } catch {
    return [];
  }
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
