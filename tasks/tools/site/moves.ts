import { kept } from './layout.ts';
import { firstFree, look } from './look.ts';
import { within } from './path.ts';

/** One rename of something whole, counted from the target. `from` is where it is once the moves before it are done. */
interface Move {
  readonly from: string;
  readonly to: string;
}

/** The moves that are staged, in the order in which they will be done. */
export interface Moves {
  readonly list: readonly Move[];
  /** Where on disk that is now which will be at `path`; nothing when a move takes it away. */
  readonly locate: (path: string) => string | undefined;
  /** Whether something will stand at `path`. */
  readonly taken: (path: string) => boolean;
  /** Moves what will be at `from`. What was moved already goes on to `to` directly: a redo must not see it come by. */
  readonly add: (from: string, to: string) => void;
  /** Moves what will be at `from` out of the way, below the first free name, and answers where to. */
  readonly keepAside: (from: string, name: string) => string;
}

/** The moves of one run, none so far. */
export function openMoves(target: string): Moves {
  const list: Move[] = [];
  const locate = (path: string): string | undefined => {
    let at = path;
    for (const { from, to } of list.toReversed())
      if (within(to, at)) at = from + at.slice(to.length);
      else if (within(from, at)) return undefined;
    return at;
  };
  const taken = (path: string): boolean => {
    const at = locate(path);
    const standing = at !== undefined && look(`${target}/${at}`) !== undefined;
    return standing || list.some(({ to }) => within(path, to));
  };
  const add = (from: string, to: string): void => {
    const earlier = list.findIndex((move) => move.to === from);
    if (earlier === -1) list.push({ from, to });
    else list[earlier] = { from: list[earlier]!.from, to };
  };
  return {
    list,
    locate,
    taken,
    add,
    keepAside(from, name) {
      const to = firstFree(`${kept}/${name}-`, taken);
      add(from, to);
      return to;
    },
  };
}
