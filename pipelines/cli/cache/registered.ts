import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

import { type LastRun, lastRuns } from '#cache';
import { namesIn, textAt } from '../../../tasks/tools/if-there.ts';
import { realizedAt } from '../../../tasks/tools/site/history.ts';
import { layoutOf } from '../../../tasks/tools/site/layout.ts';
import { disk, findRoot } from '../../documents/paths.ts';
import type { Around } from '../around.ts';
import { realizedIn } from '../facts-of.ts';
import { knownTargets } from '../known-targets.ts';

/**
 * Something that needs what is in the cache: its texts name all of it. A target is `unseen` when it is not there, and nobody
 * can say that it was deleted: its volume may not be mounted, or it is on another machine.
 */
export interface Root {
  readonly kind: 'target' | 'lockfiles' | 'run';
  /** The target's directory, the project's, or the words of the run. */
  readonly name: string;
  /** Of a target: the version that was realized there. */
  readonly id?: string;
  readonly isUnseen: boolean;
  readonly texts: readonly string[];
}

/** Everything that needs something, and the records of runs that are over for good: their target is gone, or they are too old. */
export interface Registered {
  readonly roots: readonly Root[];
  readonly ended: readonly LastRun[];
}

/** Where and when somebody asks. Times in milliseconds, `now` by the clock of the cache's volume. */
interface Question {
  readonly around: Around;
  readonly cache: string;
  readonly now: number;
  /** After this time nobody needs what a run came to that realized nothing, or whose target only another machine can see. */
  readonly idle: number;
}

/** Finds everything that needs something of a cache. */
export function findRegistered({ around, cache, now, idle }: Question): Registered {
  const runs = lastRuns(join(cache, 'recent'));
  const judged = runs.map((run) => ({ run, is: judge(run, now - idle) }));
  const targets = new Map<string, { name: string; id?: string; isUnseen: boolean; texts: string[] }>();
  const add = (name: string, isUnseen: boolean, id: string | undefined, texts: readonly string[]): void => {
    const key = isUnseen ? name : realpathSync(name);
    const target = targets.get(key) ?? { name, ...(id !== undefined && { id }), isUnseen, texts: [] };
    targets.set(key, target);
    target.texts.push(...texts);
  };
  for (const name of knownTargets(around)) add(name, false, realizedAt(name)?.version, textsIn(name));
  for (const { run, is } of judged) {
    if (is !== 'there' && is !== 'unseen') continue;
    const { id, target } = realizedIn(run.run!)!;
    add(target, is === 'unseen', id, [...(is === 'there' ? textsIn(target) : []), run.text]);
  }
  const others = judged.flatMap(({ run, is }): Root[] =>
    is === 'kept' ? [{ kind: 'run', name: run.run!, isUnseen: false, texts: [run.text] }] : [],
  );
  return {
    roots: [
      ...[...targets.values()].map((target): Root => ({ kind: 'target', ...target })),
      ...lockfilesOf(around),
      ...others,
    ],
    ended: judged.flatMap(({ run, is }) => (is === 'ended' ? [run] : [])),
  };
}

type Judgement = 'there' | 'unseen' | 'kept' | 'ended';

function judge({ run, host, usedAt }: LastRun, idleSince: number): Judgement {
  const target = run === undefined ? undefined : realizedIn(run)?.target;
  if (target === undefined) return run === undefined || usedAt < idleSince ? 'ended' : 'kept';
  if (existsSync(layoutOf(target).records)) return 'there';
  const isElsewhere = host !== undefined && host !== hostname();
  if (isElsewhere) return usedAt < idleSince ? 'ended' : 'unseen';
  return isPlainlyGone(target) ? 'ended' : 'unseen';
}

/** Where a volume is not mounted there is nothing, or an empty directory: only beside something else is nothing to be seen plainly. */
function isPlainlyGone(target: string): boolean {
  const nearest = existsSync(target) ? target : dirname(target);
  return namesIn(nearest).length > 0;
}

/** The texts of a target's records: what it is, what it was and may be again, and what its parts were made of. */
function textsIn(target: string): readonly string[] {
  const { records, receipts, history } = layoutOf(target);
  const texts = [records, history, receipts].flatMap((directory) =>
    namesIn(directory).flatMap((name) => {
      if (/\.(?:json|answer)$/.test(name)) return textAt(join(directory, name)) ?? [];
      return name.endsWith('.files') ? linksIn(join(directory, name)) : [];
    }),
  );
  return texts;
}

/** The lines of a listing that are links into the store. The others name files, which are in the target. */
const linksIn = (listing: string): readonly string[] => textAt(listing)?.match(/^b\t.*$/gm) ?? [];

function lockfilesOf({ cwd }: Around): readonly Root[] {
  const { path: root } = findRoot({ cwd, probe: disk });
  const directory = join(root, 'lockfiles');
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.lock.json')) : [];
  // One that cannot be read may need anything: this throws.
  const texts = names.map((name) => readFileSync(join(directory, name), 'utf8'));
  return texts.length === 0 ? [] : [{ kind: 'lockfiles', name: root, isUnseen: false, texts }];
}
