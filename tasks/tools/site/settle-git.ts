import type { Inheritance } from '#engine';
import { borrows, commitAt, holdsWork } from './git-directory.ts';
import { trackedIn } from './git-index.ts';
import { type Ground, lentTo, placedBy } from './ground.ts';
import type { GitItem, Item } from './item.ts';
import { kept } from './layout.ts';
import { firstFree, isDirectory } from './look.ts';
import { joined, nameOf, parentOf, within } from './path.ts';
import { encoded } from './slot-files.ts';

interface Settling {
  readonly slot: string;
  readonly placed: ReadonlyMap<string, Item>;
  readonly wanted: ReadonlyMap<string, Item>;
  readonly takesOver: Inheritance;
}

/**
 * Looks at the `.git` directories of a slot before its files are compared, and stages moves for what must not be lost:
 * a checkout at another commit is kept whole; one with branches or a stash gives its `.git` to be kept when that is replaced.
 * Where others live in the same directory it cannot move: then the answer is where everything of the user's in it goes, and
 * what that checkout tracked: all of it makes room.
 */
export function settleGit(ground: Ground, { slot, placed, wanted, takesOver }: Settling): Partial<Kept> {
  let checkout: Kept | undefined;
  const lend = lentTo(ground, slot);
  for (const path of gitsOf(placed, wanted)) {
    const git = realDirectory(ground, path);
    if (git === undefined) continue;
    const ours = asGit(placed.get(path) ?? lend(path));
    const next = asGit(wanted.get(path));
    const [directory, commit] = [parentOf(path), commitAt(git)];
    if (commit === takesOver.commit && commit !== ours?.commit) {
      const to = ground.draft.moves.keepAside(path, `${nameOr(directory, slot)}.git`);
      ground.draft.news.push(`${path} was not placed by pipeline: it is kept as ${to}`);
    } else if (commit !== (ours ?? next)?.commit)
      checkout = keepCheckout(ground, { slot, path, git, known: ours !== undefined }) ?? checkout;
    else if (ours === undefined && borrows(git)) {
      const to = ground.draft.moves.keepAside(path, `${nameOr(directory, slot)}.git`);
      ground.draft.news.push(`${path} borrowed its history from another repository: it is kept as ${to}`);
    } else if (ours !== undefined && next?.digest !== ours.digest && holdsWork(git, ours.refs)) {
      const to = ground.draft.moves.keepAside(path, `${nameOr(directory, slot)}.git`);
      ground.draft.news.push(`${path} held branches, tags or a stash of yours: it is kept as ${to}`);
    }
  }
  return checkout ?? {};
}

/** Whether somebody committed, pulled or checked out since a slot was placed. */
export const isElsewhere = (ground: Ground, placed: ReadonlyMap<string, Item>): boolean =>
  gitsOf(placed, new Map()).some((path) => {
    const git = realDirectory(ground, path);
    return git !== undefined && commitAt(git) !== asGit(placed.get(path))?.commit;
  });

/** A checkout that gave up its `.git` alone: where the rest of it goes, and which paths (counted from the target) it tracked. */
interface Kept {
  readonly attic: string;
  readonly tracked: readonly string[];
}

/** Keeps the whole directory; or, where it holds more than this slot, its `.git` alone, and answers what becomes of the rest. */
function keepCheckout(
  ground: Ground,
  { slot, path, git, known }: { slot: string; path: string; git: string; known: boolean },
): Kept | undefined {
  const { moves, news } = ground.draft;
  const directory = parentOf(path);
  const where = directory === '' ? 'The target' : directory;
  const what = known
    ? `${where} is at another commit than the one placed there`
    : `${where} was a checkout of your own`;
  if (!isShared(ground, slot, directory)) {
    news.push(`${what}: all of it is kept as ${moves.keepAside(directory, nameOf(directory))}`);
    return undefined;
  }
  const attic = firstFree(`${kept}/${nameOr(directory, slot)}-`, moves.taken);
  moves.add(path, `${attic}/${path}`);
  news.push(`${what}: its .git, and files that differ, are kept in ${attic}`);
  return { attic, tracked: trackedIn(git).map((tracked) => joined(directory, tracked)) };
}

/** Whether a directory is the target itself, or holds something of another slot. */
function isShared(ground: Ground, slot: string, directory: string): boolean {
  if (directory === '') return true;
  const others = new Set([...ground.receipts.slots(), ...ground.draft.changes.keys()]);
  others.delete(slot);
  return others.values().some((other) => {
    const paths = ground.draft.changes.get(other)?.final ?? placedBy(ground, other);
    return paths.keys().some((path) => within(directory, path));
  });
}

const gitsOf = (placed: ReadonlyMap<string, Item>, wanted: ReadonlyMap<string, Item>): readonly string[] => [
  ...new Set([...placed, ...wanted].flatMap(([path, { type }]) => (type === 'git' ? [path] : []))),
];

const asGit = (item: Item | undefined): GitItem | undefined => (item?.type === 'git' ? item : undefined);

const nameOr = (directory: string, slot: string): string => (directory === '' ? encoded(slot) : nameOf(directory));

/** Where a directory is on disk now, when neither it nor anything on the way is a symbolic link. */
function realDirectory({ draft, layout }: Ground, path: string): string | undefined {
  const at = draft.moves.locate(path);
  if (at === undefined) return undefined;
  let directory = '';
  for (const name of at.split('/')) {
    directory = joined(directory, name);
    if (!isDirectory(`${layout.target}/${directory}`)) return undefined;
  }
  return `${layout.target}/${at}`;
}
