import { readFileSync } from 'node:fs';

import { sha256Of } from '#cache';
import { type Item, sameFingerprint } from './item.ts';
import { linesOfFile } from './lines-of-file.ts';
import { parseLine, parseListing, renderListing } from './listing.ts';
import { fingerprintOf, look } from './look.ts';
import { parentOf } from './path.ts';

/**
 * Whether a staged listing (a file) still says how all looks that it lists, now that it is in its place below `base` (absolute).
 * A rename leaves a file as it was staged; where a volume numbers its files by their names, or another volume begins on the
 * way, none looks as it did.
 */
export function isAsStaged(staged: string, base: string): boolean {
  for (const line of firstFiles(staged)) {
    const [path, item] = parseLine(line);
    if (lookedAt(`${base}/${path}`, item) !== item) return false;
  }
  return true;
}

/** The line of one file in each directory. */
function* firstFiles(staged: string): Generator<string> {
  const known = new Set<string>();
  let last: string | undefined;
  for (const line of linesOfFile(staged)) {
    if (!line.startsWith('f') && !line.startsWith('x')) continue;
    const directory = parentOf(line.slice(line.lastIndexOf('\t') + 1));
    if (directory === last) continue;
    last = directory;
    // A text of its own: one that is cut out of the listing keeps all that was read with it.
    const name = `${directory}/`;
    if (!known.has(name)) yield line;
    known.add(name);
  }
}

/** The text of a staged listing (a file) with a look at everything in it. Of two slots that put one file, one alone gives it its inode. */
export function lookedAtAfresh(staged: string, base: string): string {
  const entries = parseListing(readFileSync(staged, 'utf8')).entries();
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
