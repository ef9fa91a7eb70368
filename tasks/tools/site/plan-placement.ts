import { type Found, holdsBytesOf, type Item } from './item.ts';
import { directoriesOf, within } from './path.ts';

/** Everything that decides a placement. Paths are counted from the target. */
export interface Scene {
  /** Where the slot lived: directories at or below it may go when they are left empty. */
  readonly base: string;
  readonly wanted: ReadonlyMap<string, Item>;
  /** What the slot's receipt says. */
  readonly placed: ReadonlyMap<string, Item>;
  /** What another slot's receipt says of paths where something was found that this slot did not place. */
  readonly lent: ReadonlyMap<string, Item>;
  readonly found: ReadonlyMap<string, Found>;
  /** Paths that are reached through a symbolic link of somebody else, with that link. */
  readonly beyond: ReadonlyMap<string, string>;
  /** The slot goes altogether: what was edited stays where it is. */
  readonly dropping: boolean;
}

/**
 * - `leave`: it is as wanted. `put`: nothing is there yet.
 * - `replace`: ours and unedited, so something else may take its place. `keep-and-put`: the user's, which is kept aside first.
 * - `remove`: ours, unedited, no longer wanted. `keep`: edited and no longer wanted, kept aside. `stay`: the same, when a slot is dropped.
 */
export type Action = 'leave' | 'put' | 'replace' | 'keep-and-put' | 'remove' | 'keep' | 'stay';

/** What is to be done. Directories to prune (when nothing of the user's is left in them) come deepest first. */
export interface Plan {
  readonly actions: ReadonlyMap<string, Action>;
  readonly prune: readonly string[];
  /** The first write that would go through somebody else's symbolic link: then nothing may be done at all. */
  readonly refused?: { readonly path: string; readonly link: string };
}

/** Compares what is wanted, what was placed, and what is there. No I/O; every path is decided on its own. */
export function planPlacement(scene: Scene): Plan {
  const { wanted, placed, lent, found, beyond } = scene;
  const parents = directoriesOf(wanted.keys());
  const actions = new Map<string, Action>();
  for (const [path, item] of wanted) {
    const action = forWanted(item, placed.get(path) ?? lent.get(path), found.get(path));
    const link = beyond.get(path);
    if (action !== 'leave' && link !== undefined) return { actions: new Map(), prune: [], refused: { path, link } };
    actions.set(path, action);
  }
  const gone: string[] = [];
  for (const [path, item] of placed) {
    // What lies behind somebody's link is not below the target any more.
    if (wanted.has(path) || beyond.has(path)) continue;
    const action = forUnwanted(item, found.get(path), parents.has(path), scene.dropping);
    if (action !== undefined) actions.set(path, action);
    gone.push(item.type === 'directory' ? `${path}/` : path);
  }
  // Another slot's file where a directory must be: it goes as its own slot would have it go.
  for (const [path, item] of lent)
    if (parents.has(path)) actions.set(path, forUnwanted(item, found.get(path), true, false) ?? 'leave');
  const prune = [...directoriesOf(gone)].filter(
    (path) => within(scene.base, path) && !parents.has(path) && wanted.get(path)?.type !== 'directory',
  );
  return { actions, prune: prune.toSorted((a, b) => b.length - a.length) };
}

/** `ours` is what some receipt says of the path. */
function forWanted(item: Item, ours: Item | undefined, found: Found | undefined): Action {
  if (found === undefined) return 'put';
  const asPlaced = ours !== undefined && holdsBytesOf(found, ours);
  if (holdsBytesOf(found, item)) {
    // The same commit may come with another remote or branch: only the receipt can tell which was placed.
    if (item.type === 'git')
      return asPlaced && ours.type === 'git' && ours.digest !== item.digest ? 'replace' : 'leave';
    const modeDiffers = item.type === 'file' && found.type === 'file' && item.mode !== found.mode;
    return modeDiffers ? 'replace' : 'leave';
  }
  return asPlaced ? 'replace' : 'keep-and-put';
}

/** `givesWay`: something is wanted below this path, so a file here must make room for a directory. */
function forUnwanted(item: Item, found: Found | undefined, givesWay: boolean, dropping: boolean): Action | undefined {
  // A directory of the user's where a file of ours was is none of our business, nor is a socket.
  if (found === undefined || found.type === 'directory' || found.type === 'other') return undefined;
  if (item.type === 'directory') return undefined;
  const asPlaced = holdsBytesOf(found, item);
  if (givesWay) return asPlaced ? 'replace' : 'keep-and-put';
  if (asPlaced) return 'remove';
  return dropping ? 'stay' : 'keep';
}

/** Whether an action brings something new to its path. */
export const puts = (action: Action): boolean => action === 'put' || action === 'replace' || action === 'keep-and-put';
