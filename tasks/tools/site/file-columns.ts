import type { Fingerprint } from './item.ts';

/** One file in the columns. `sha256` is hex, `tag` whatever else is known of it: a number below 2^29. */
export interface FileRow {
  readonly mode: 0o644 | 0o755;
  readonly size: number;
  readonly sha256: string;
  readonly look: Fingerprint | undefined;
  readonly tag: number;
}

/** Files by number. An object of each would take ten times as much memory, and the collector's time. */
export interface FileColumns {
  /** Keeps one, and answers its number. */
  add(file: FileRow): number;
  at(n: number): FileRow;
}

/** So many rows are made room for at once. */
const pageRows = 512;

interface Page {
  /** Of each row its size; mtime, inode and size of its look. */
  readonly numbers: Float64Array;
  readonly hashes: Buffer;
  /** Bit 0: may be run; bit 1: has a look; bit 2: could be run when it was looked at; then the tag. */
  readonly marks: Uint32Array;
}

/** Columns without rows. */
export function openFileColumns(): FileColumns {
  const pages: Page[] = [];
  let count = 0;
  return {
    add({ mode, size, sha256, look, tag }) {
      const row = count % pageRows;
      if (row === 0) pages.push(emptyPage());
      const { numbers, hashes, marks } = pages.at(-1)!;
      numbers.set([size, look?.mtimeMs ?? 0, look?.ino ?? 0, look?.size ?? 0], row * 4);
      hashes.write(sha256, row * 32, 32, 'hex');
      marks[row] = (mode === 0o755 ? 1 : 0) | (look === undefined ? 0 : 2) | (look?.runs === true ? 4 : 0) | (tag << 3);
      return count++;
    },
    at(n) {
      const { numbers, hashes, marks } = pages[Math.floor(n / pageRows)]!;
      const row = n % pageRows;
      const number = (nth: number): number => numbers[row * 4 + nth]!;
      const mark = marks[row]!;
      const look = { size: number(3), mtimeMs: number(1), ino: number(2), runs: (mark & 4) !== 0 };
      return {
        mode: (mark & 1) === 0 ? 0o644 : 0o755,
        size: number(0),
        sha256: hashes.toString('hex', row * 32, row * 32 + 32),
        look: (mark & 2) === 0 ? undefined : look,
        tag: mark >>> 3,
      };
    },
  };
}

const emptyPage = (): Page => ({
  numbers: new Float64Array(4 * pageRows),
  hashes: Buffer.alloc(32 * pageRows),
  marks: new Uint32Array(pageRows),
});
