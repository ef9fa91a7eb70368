import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import { presence, type Witness, witness, witnessAll } from '../witness.ts';
import { directoriesOf, glanceAt } from './glance.ts';
import { type Layout, layoutOf } from './layout.ts';
import { linesOfFile } from './lines-of-file.ts';
import { pathOf } from './listing.ts';
import { packages } from './lookout.ts';
import { type Head, openReceipts } from './receipts.ts';
import { filesOf } from './slot-files.ts';

/**
 * Everything that a target's receipts list, as witnesses to be compared before anything is loaded. Installed packages are
 * tens of thousands of files that nobody edits: they are looked at by their directories, which change when a file is added,
 * removed or renamed over. Bytes that are written in place into an installed file show to the next run that does anything, to
 * `status`, to `repair` and to `--verify`. `seen` are those directories, where they were looked at already. Throws when there is
 * no such target, or its records cannot be read.
 */
export function witnessTarget(target: string, seen?: readonly Witness[]): readonly Witness[] {
  const layout = layoutOf(target);
  const receipts = openReceipts(layout);
  const placed = receipts.slots().flatMap((slot) => {
    if (slot === packages)
      return seen ?? glanceAt(layout) ?? packagesIn(receipts.head(slot) ?? unreadable(slot), layout);
    const { base, text, lines, yielded = [] } = receipts.text(slot) ?? unreadable(slot);
    const listed = text.split('\n').filter((line) => line !== '');
    if (listed.length !== lines) unreadable(slot);
    const links = yielded.map((path) => witness(join(target, path)));
    return [...links, ...listed.flatMap((line) => witnessLine(join(target, base), line))];
  });
  const records = readdirSync(layout.records).map((name) => witness(join(layout.records, name)));
  return [witness(layout.records), ...records, ...witnessAll(layout.receipts, () => true), ...placed];
}

function unreadable(slot: string): never {
  throw new Error(`The receipt of ${slot} cannot be read`);
}

function packagesIn({ base, lines }: Head, { receipts, target }: Layout): readonly Witness[] {
  let count = 0;
  const listed = linesOfFile(join(receipts, filesOf(packages).listing)).map((line) => {
    count += 1;
    return line;
  });
  const directories = directoriesOf(join(target, base), listed);
  return count === lines ? directories : unreadable(packages);
}

function witnessLine(base: string, line: string): readonly Witness[] {
  const at = `${base}/${pathOf(line)}`;
  switch (line.charAt(0)) {
    case 'd':
      return [presence(at)];
    case 'l':
    case 'b':
      return [witness(at), ...behind(at)];
    case 'g':
      return witnessHead(at);
    default:
      return [witness(at)];
  }
}

/** A repository is where its HEAD is; the rest of `.git` git rewrites as it likes. */
function witnessHead(git: string): readonly Witness[] {
  const [, ref] = /^ref: (\S+)/.exec(readFileSync(join(git, 'HEAD'), 'utf8')) ?? [];
  const files = ['HEAD', 'packed-refs', ...(ref === undefined ? [] : [ref])];
  return files.map((name) => witness(join(git, name)));
}

/** What a link leads to: a model that is gone, or was written to, is no longer the one. */
function behind(link: string): readonly Witness[] {
  try {
    return [witness(realpathSync(link))];
  } catch {
    return [];
  }
}
