import { openFileColumns } from './file-columns.ts';
import type { Item } from './item.ts';
import type { Source, Want } from './wanted.ts';

/** Wants by path, as a map holds them, but in a third of its memory: a slot may want 200,000 files. */
export interface Wants extends ReadonlyMap<string, Want> {
  set(path: string, want: Want): void;
  delete(path: string): void;
}

/** What is wanted at each path, as a map of nothing but that. */
export const itemsOf = (wants: ReadonlyMap<string, Want>): ReadonlyMap<string, Item> =>
  seenThrough(wants, ({ item }) => item);

/** No wants yet. */
export function openWants(): Wants {
  const files = openFileColumns();
  const sources: Source[] = [];
  // Of most wants the number of their file.
  const wants = new Map<string, Want | number>();
  const packed = (want: Want): Want | number => {
    const { item, source, look } = want;
    if (item.type !== 'file' || item.fingerprint !== undefined) return want;
    if (source !== sources.at(-1)) sources.push(source);
    const mode = item.mode === 0o755 ? 0o755 : 0o644;
    return files.add({ mode, size: item.size, sha256: item.sha256, look, tag: sources.length - 1 });
  };
  const unpacked = (want: Want | number): Want => {
    if (typeof want !== 'number') return want;
    const { mode, size, sha256, look, tag } = files.at(want);
    return { item: { type: 'file', mode, size, sha256 }, source: sources[tag]!, ...(look && { look }) };
  };
  return Object.assign(seenThrough(wants, unpacked), {
    set: (path: string, want: Want) => void wants.set(path, packed(want)),
    delete: (path: string) => void wants.delete(path),
  });
}

/** A map with other values: each is made when it is looked at. */
function seenThrough<Held, Shown>(
  held: ReadonlyMap<string, Held>,
  show: (value: Held) => Shown,
): ReadonlyMap<string, Shown> {
  const entries = () => held.entries().map(([path, value]): [string, Shown] => [path, show(value)]);
  return {
    get size() {
      return held.size;
    },
    has: (path) => held.has(path),
    get(path) {
      const value = held.get(path);
      return value === undefined ? undefined : show(value);
    },
    keys: () => held.keys(),
    values: () => held.values().map(show),
    entries,
    [Symbol.iterator]: entries,
    forEach(act) {
      for (const [path, value] of entries()) act(value, path, this);
    },
  };
}
