import { closeSync, openSync, readSync } from 'node:fs';

import { linesIn } from './listing.ts';

/** So many bytes are read at once. No line is as long: it holds two paths, of 4,096 bytes at most, each of them escaped. */
const pieceBytes = 64 * 1024;

/** The lines of a listing's file, one after the other, without their ends. Throws what the disk says. */
export function* linesOfFile(path: string): Generator<string> {
  const piece = Buffer.allocUnsafeSlow(pieceBytes);
  const file = openSync(path, 'r');
  try {
    for (let held = 0; ;) {
      const read = readSync(file, piece, held, pieceBytes - held, null);
      const filled = piece.subarray(0, held + read);
      // Only whole lines, as long as more may come: a letter may be cut as well.
      const whole = read === 0 ? filled.length : filled.lastIndexOf('\n') + 1;
      yield* linesIn(filled.toString('utf8', 0, whole));
      if (read === 0 || (whole === 0 && filled.length === pieceBytes)) return;
      held = filled.copy(piece, 0, whole);
    }
  } finally {
    closeSync(file);
  }
}
