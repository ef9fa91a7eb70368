import { resolve } from 'node:path';

import { Failed, forecast, planFor, toFailure, describe } from '#engine';
import { compareLocks } from '../documents/compare-locks.ts';
import { readText } from '../documents/json.ts';
import { type Lockfile, parseLockfile } from '../documents/lockfile.ts';
import { realize } from '../realize.ts';
import type { Around } from './around.ts';
import { factsOf } from './facts-of.ts';
import { lockOf, openProject, type Project, projectOf } from './open-project.ts';
import { lockOnPage, pageOf } from './open-realized.ts';
import { openWorkshop } from './open-workshop.ts';
import { versionAlone } from './project-at.ts';
import { formatBytes } from './render/format-bytes.ts';
import { countChanges, showChanges } from './show-changes.ts';
import { tell } from './tell.ts';
import type { FlagsOf } from './verbs.ts';
import { whichTarget } from './which-target.ts';

/** `pipeline diff <a> <b>`: in what realizing b differs from realizing a, and what it would fetch. Answers the exit code. */
export async function commandDiff(around: Around, words: readonly string[], flags: FlagsOf<'diff'>): Promise<number> {
  const [was, now] = words.map((word) => findLock(around, word, flags));
  const changes = compareLocks(was!.lock, now!.lock);
  const fetching = await bytesToFetch(around, now!);
  const last = `${countChanges(changes)}; ${fetching.told} to fetch`;
  const document = {
    type: 'diff',
    was: words[0],
    now: words[1],
    changes,
    ...('bytes' in fetching && { bytes_to_fetch: fetching.bytes }),
  };
  tell(around, { lines: [...showChanges(changes), ...(changes.length > 0 ? [''] : []), last], document }, flags);
  return 0;
}

/** A lockfile, and the project in which it would be realized. */
interface Side {
  readonly lock: Lockfile;
  readonly project: Project;
}

/** `demo` is the version's lockfile, `demo@2` a page of its target's history; with a slash or `.json` it is a file. */
function findLock(around: Around, word: string, flags: FlagsOf<'diff'>): Side {
  const [, id, n] = /^(.+)@(\d{1,9})$/.exec(word) ?? [];
  if (id !== undefined) {
    const found = whichTarget(around, id, flags);
    return alone(around, found.root, lockOnPage(found, pageOf(found, Number(n))));
  }
  if (word.includes('/') || word.endsWith('.json')) {
    const file = resolve(around.cwd, word);
    return alone(around, around.cwd, parseLockfile(readText(file, word), word));
  }
  const project = openProject(around, word, {});
  const lock = lockOf(project);
  if (lock !== undefined) return { lock, project };
  const hint = `\`pipeline validate ${word}\` writes it`;
  throw new Failed({ kind: 'absent', what: `lockfiles/${word}.lock.json`, hint });
}

const alone = (around: Around, root: string, lock: Lockfile): Side => ({
  lock,
  project: projectOf(around, { root, version: versionAlone(lock), warnings: [] }, {}),
});

/** The changes are told, not how they were found. */
const emit = (): void => {};

/** What realizing a lockfile would fetch now, as far as the lockfile says how large it is. A lockfile for another kind of machine cannot be asked. */
async function bytesToFetch(around: Around, { lock, project }: Side) {
  try {
    const facts = await factsOf(project, lock, { around, emit, readOnly: true });
    const { workshop } = openWorkshop(project.settings, {
      run: `diff ${lock.version_id}`,
      emit,
      signal: around.signal,
    });
    const prospects = await forecast(planFor(realize.plan(facts)), workshop);
    const bytes = prospects.reduce((sum, step) => sum + (step.bytes ?? 0), 0);
    return { bytes, told: formatBytes(bytes) };
  } catch (thrown) {
    const failure = toFailure(thrown);
    if (failure.kind === 'bug' || failure.kind === 'cancelled') throw thrown;
    return { told: `unknown (${describe(failure).message.split('\n')[0]})` };
  }
}
