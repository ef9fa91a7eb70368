import { sameItem } from './item.ts';
import { parentOf, within } from './path.ts';
import type { Source, Want, Wanted } from './wanted.ts';
import { openWants } from './wants.ts';

/** Puts the parts of a slot together, path by path. Where two differ the later one wins. */
export interface PartMerger {
  /** `n` counts the parts. */
  add(path: string, want: Want, n: number): void;
  result(): Wanted;
}

/** A merger that holds nothing yet. */
export function openMerger(): PartMerger {
  const wants = openWants();
  const givers = new Map<Source, number>();
  const parents = new Set<string>();
  const overlaps = new Map<string, { count: number; path: string }>();
  const drop = (path: string, n: number): void => {
    const pair = `${givers.get(wants.get(path)!.source)} ${n}`;
    const overlap = overlaps.get(pair) ?? { count: 0, path };
    overlaps.set(pair, { ...overlap, count: overlap.count + 1 });
    wants.delete(path);
  };
  let last = '';
  const dropBelow = (directory: string, n: number): void => {
    last = '';
    for (const path of wants.keys()) if (path !== directory && within(directory, path)) drop(path, n);
    for (const parent of parents) if (within(directory, parent)) parents.delete(parent);
  };
  return {
    add(path, want, n) {
      const earlier = wants.get(path);
      const isDirectory = want.item.type === 'directory';
      if ((isDirectory && parents.has(path)) || (earlier !== undefined && sameItem(earlier.item, want.item))) return;
      if (parents.has(path)) dropBelow(path, n);
      if (earlier !== undefined) drop(path, n);
      const directory = parentOf(path);
      // Neighbours come together: most have parents that are known.
      if (directory !== last)
        for (let parent = directory; parent !== '' && !parents.has(parent); parent = parentOf(parent)) {
          const leaf = wants.get(parent);
          if (leaf?.item.type === 'directory') wants.delete(parent);
          else if (leaf !== undefined) drop(parent, n);
          parents.add(parent);
        }
      last = directory;
      wants.set(path, want);
      givers.set(want.source, n);
    },
    result() {
      let files = 0;
      for (const { item, source } of wants.values())
        files += source.from === 'git' ? source.entries.length : item.type === 'directory' ? 0 : 1;
      return { wants, files, overlaps: [...overlaps.values()] };
    },
  };
}
