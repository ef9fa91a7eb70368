import { readdirSync } from 'node:fs';

import { layoutOf } from './layout.ts';
import { directoriesOf, joined } from './path.ts';
import { openReceipts } from './receipts.ts';

/** A Python package of a target that nobody locked: `pip install` leaves such. */
export interface Stranger {
  /** `foo 1.2.0` */
  readonly name: string;
  /** Counted from the target. */
  readonly path: string;
}

/** The packages that others installed into a target. Looks at one directory, reads nothing. */
export function strangersIn(target: string): readonly Stranger[] {
  const receipts = openReceipts(layoutOf(target));
  const ours = directoriesOf(
    receipts.slots().flatMap((slot) => {
      const receipt = receipts.receipt(slot);
      return [...(receipt?.listing.keys() ?? [])].map((path) => joined(receipt!.base, path));
    }),
  );
  const packages = [...ours].filter((path) => /^\.venv\/lib\/[^/]+\/site-packages$/.test(path));
  return packages.flatMap((directory) =>
    namesIn(`${target}/${directory}`).flatMap((entry): readonly Stranger[] => {
      const [, name, version] = /^(.+)-([^-]+)\.dist-info$/.exec(entry) ?? [];
      const path = joined(directory, entry);
      return name === undefined || ours.has(path) ? [] : [{ name: `${name} ${version}`, path }];
    }),
  );
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    // Not there: then nothing is in it.
    return [];
  }
}
