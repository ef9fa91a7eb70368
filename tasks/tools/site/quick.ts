import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { presence, type Witness, witness, witnessAll } from '../witness.ts';
import type { Item } from './item.ts';
import { layoutOf } from './layout.ts';
import { openReceipts } from './receipts.ts';

/** The slot whose files are looked at by their directories. */
const packages = 'wheels';

/**
 * Everything that a target's receipts list, as witnesses to be compared before anything is loaded. Installed packages are
 * tens of thousands of files that nobody edits: they are looked at by their directories, which change when a file is added,
 * removed or renamed over. Bytes that are written in place into an installed file show at the next run that does anything,
 * and to `--verify`. Throws when there is no such target, or its records cannot be read.
 */
export function witnessTarget(target: string): readonly Witness[] {
  const layout = layoutOf(target);
  const receipts = openReceipts(layout);
  const placed = receipts.slots().flatMap((slot) => {
    const receipt = receipts.receipt(slot);
    if (receipt === undefined) throw new Error(`The receipt of ${slot} cannot be read`);
    const base = join(target, receipt.base);
    if (slot === packages) return directoriesIn(base, receipt.listing.keys());
    const yielded = (receipt.yielded ?? []).map((path) => witness(join(target, path)));
    return [...yielded, ...[...receipt.listing].flatMap(([path, item]) => witnessItem(join(base, path), item))];
  });
  const records = readdirSync(layout.records).map((name) => witness(join(layout.records, name)));
  return [witness(layout.records), ...records, ...witnessAll(layout.receipts, () => true), ...placed];
}

/** Compiled files are left out: Python makes them again, and puts others beside them. */
const directoriesIn = (base: string, paths: Iterable<string>): readonly Witness[] => {
  const files = [...paths].filter((path) => !path.includes('/__pycache__/'));
  return [...new Set(files.map((path) => dirname(join(base, path))))].map(witness);
};

function witnessItem(at: string, { type }: Item): readonly Witness[] {
  switch (type) {
    case 'file':
      return [witness(at)];
    case 'directory':
      return [presence(at)];
    case 'link':
      return [witness(at), ...behind(at)];
    case 'git':
      return witnessHead(at);
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
