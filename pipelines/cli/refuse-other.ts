import { closeSync, openSync, readSync, statSync } from 'node:fs';

import { Failed } from '#engine';

/** How a kind of file that we write can be told from any other. */
interface Kind {
  /** Its first characters. */
  readonly start: string;
  /** Its name in a sentence: `a trace`. */
  readonly what: string;
}

/** Throws `refused` for what is there and we did not write: nobody's file is lost for a slip of the pen. */
export function refuseOther(file: string, { start, what }: Kind): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || (found.isFile() && (found.size === 0 || firstOf(file, start.length) === start))) return;
  throw new Failed({
    kind: 'refused',
    what: `to replace ${file}`,
    because: `it is not ${what}`,
    hint: 'give another name, or remove it first',
  });
}

/** The first characters of a file, as far as they are plain. */
function firstOf(file: string, length: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.toString('latin1', 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
