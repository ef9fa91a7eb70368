import { closeSync, openSync, readlinkSync, readSync } from 'node:fs';

import { look } from './look.ts';

const half = 512 * 1024;

/** Whether two files hold the same bytes and may be run alike, or two links lead to the same. */
export function sameContent(one: string, other: string): boolean {
  const [a, b] = [look(one), look(other)];
  if (a?.isSymbolicLink() === true && b?.isSymbolicLink() === true) return readlinkSync(one) === readlinkSync(other);
  if (a?.isFile() !== true || b?.isFile() !== true || a.size !== b.size) return false;
  return (a.mode & 0o100) === (b.mode & 0o100) && (a.ino === b.ino || sameBytes(one, other));
}

function sameBytes(one: string, other: string): boolean {
  const [left, right] = [Buffer.allocUnsafe(half), Buffer.allocUnsafe(half)];
  const [a, b] = [openSync(one, 'r'), openSync(other, 'r')];
  try {
    for (;;) {
      const [n, m] = [readSync(a, left), readSync(b, right)];
      if (n !== m || !left.subarray(0, n).equals(right.subarray(0, m))) return false;
      if (n === 0) return true;
    }
  } finally {
    closeSync(a);
    closeSync(b);
  }
}
