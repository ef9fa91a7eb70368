import { historyOf } from '../../tasks/tools/site/history.ts';
import { type Change, compareLocks } from '../documents/compare-locks.ts';
import type { Around } from './around.ts';
import { lockOnPage, openRealized } from './open-realized.ts';
import { formatCount } from './render/format-count.ts';
import { formatTime } from './render/format-time.ts';
import { countChanges, showChanges } from './show-changes.ts';
import { tell } from './tell.ts';
import type { FlagsOf } from './verbs.ts';

/** One page of a history: when the target became it, and in what it differs from the page before. */
interface Told {
  readonly n: number;
  readonly at: Date;
  /** Whether the target is that now. */
  readonly current: boolean;
  /** Absent on the first page, and where a page cannot be read. */
  readonly changes?: readonly Change[];
  readonly nodes?: number;
}

/** `pipeline history <id>`: what a target was made by, oldest first. Answers the exit code. */
export async function commandHistory(around: Around, id: string, flags: FlagsOf<'history'>): Promise<number> {
  const open = openRealized(around, id, flags);
  const all = historyOf(open.paths.target);
  const locks = all.map((page) => lockOnPage(open, page));
  const newest = all.findLast(({ lockfile }) => lockfile === open.realized.lockfile)?.n;
  const pages = all.map(({ n, at }, index): Told => {
    const [before, lock] = [locks[index - 1], locks[index]!];
    const changes = before === undefined ? {} : { changes: compareLocks(before, lock) };
    return { n, at, current: n === newest, nodes: lock.nodes.length, ...changes };
  });
  const document = { type: 'history', id: open.id, target: open.paths.target, pages };
  tell(around, { lines: pages.flatMap(linesOf), document }, flags);
  return 0;
}

function linesOf({ n, at, current, changes, nodes = 0 }: Told): readonly string[] {
  const what = changes === undefined ? formatCount(nodes, 'node') : countChanges(changes);
  const head = `${String(n).padStart(3)}  ${formatTime(at)}  ${what}${current ? '  (now)' : ''}`;
  return [head, ...showChanges(changes ?? []).map((line) => `       ${line}`)];
}
