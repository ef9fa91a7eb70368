import { readlinkSync } from 'node:fs';

import { type Ground, lentTo, placedBy } from './ground.ts';
import { look } from './look.ts';
import { joined, within } from './path.ts';
import type { Wanted } from './wanted.ts';

/** What is left of what a slot wants, and the links on account of which it is less. Paths are counted from the target. */
interface Yielding extends Pick<Wanted, 'wants' | 'files'> {
  readonly yielded: readonly string[];
}

/** Leaves out what is wanted at or behind a symbolic link of the user's, where that link is one of `yieldsTo` or in one. */
export function yieldToLinks(
  ground: Ground,
  slot: string,
  { wants, files, yieldsTo }: Pick<Wanted, 'wants' | 'files'> & { readonly yieldsTo: readonly string[] },
): Yielding {
  const linkOn = openFinder(ground, slot, yieldsTo);
  const links = yieldsTo.length === 0 ? [] : wants.keys().map((path) => [path, linkOn(path)] as const);
  const left = new Map([...links].flatMap(([path, link]) => (link === undefined ? [] : [[path, link] as const])));
  return {
    wants: left.size === 0 ? wants : new Map(wants.entries().filter(([path]) => !left.has(path))),
    files: files - left.size,
    yielded: [...new Set(left.values())],
  };
}

/** Answers the first link of the user's on the way to a path, counting only where slots yield. */
function openFinder(ground: Ground, slot: string, yieldsTo: readonly string[]): (path: string) => string | undefined {
  const [placed, lend] = [placedBy(ground, slot), lentTo(ground, slot)];
  const known = new Map<string, boolean>();
  const isUsers = (path: string): boolean => {
    const at = `${ground.layout.target}/${path}`;
    if (look(at)?.isSymbolicLink() !== true) return false;
    const ours = placed.get(path) ?? lend(path);
    return ours?.type !== 'link' || ours.to !== readlinkSync(at);
  };
  const remembered = (path: string): boolean => {
    const answer = known.get(path) ?? isUsers(path);
    known.set(path, answer);
    return answer;
  };
  return (path) => {
    const yielding = yieldsTo.find((directory) => within(directory, path));
    if (yielding === undefined) return undefined;
    let at = yielding;
    for (const name of [undefined, ...path.slice(yielding.length + 1).split('/')]) {
      if (name !== undefined && name !== '') at = joined(at, name);
      if (remembered(at)) return at;
    }
    return undefined;
  };
}
