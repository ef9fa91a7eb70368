import { readFileSync } from 'node:fs';

import { sha256Of } from '#cache';
import { type Item, sameFingerprint } from './item.ts';
import { parseLine, parseListing, renderListing } from './listing.ts';
import { fingerprintOf, look } from './look.ts';
import { parentOf } from './path.ts';

/**
 * The text of a staged listing when what it lists is in its place below `base` (absolute). A rename leaves a file as it was
 * staged; where a volume numbers its files by their names, or another volume begins on the way, all are looked at again.
 */
export function asItIsNow(staged: string, base: string): string {
  for (const line of firstFiles(staged)) {
    const [path, item] = parseLine(line);
    if (lookedAt(`${base}/${path}`, item) !== item) return lookedAtAfresh(staged, base);
  }
  return staged;
}

/** The line of one file in each directory. */
function* firstFiles(text: string): Generator<string> {
  const known = new Set<string>();
  let last: string | undefined;
  for (let [from, end] = [0, text.indexOf('\n')]; end !== -1; [from, end] = [end + 1, text.indexOf('\n', end + 1)]) {
    if (text[from] !== 'f' && text[from] !== 'x') continue;
    const directory = parentOf(text.slice(text.lastIndexOf('\t', end) + 1, end));
    if (directory === last) continue;
    last = directory;
    if (!known.has(directory)) yield text.slice(from, end);
    known.add(directory);
  }
}

/** The same, all of it looked at. Of two slots that put one file, one alone gives it its inode. */
export function lookedAtAfresh(staged: string, base: string): string {
  const entries = parseListing(staged).entries();
  return renderListing(
    entries.map(([path, item]): readonly [string, Item] => [path, lookedAt(`${base}/${path}`, item)]),
  );
}

/** The item with the look its file has now. What holds other bytes (somebody was quick) stays, and so never counts as there. */
function lookedAt(at: string, item: Item): Item {
  if (item.type !== 'file' || item.fingerprint === undefined) return item;
  const stat = look(at);
  if (stat?.isFile() !== true) return item;
  const [before, now] = [item.fingerprint, fingerprintOf(stat)];
  if (before.size !== now.size || before.runs !== now.runs || sameFingerprint(before, now)) return item;
  // A copy to another volume keeps a time to the microsecond at best.
  const sameTime = Math.abs(before.mtimeMs - now.mtimeMs) < 1;
  return sameTime || sha256Of(readFileSync(at)) === item.sha256 ? { ...item, fingerprint: now } : item;
}
