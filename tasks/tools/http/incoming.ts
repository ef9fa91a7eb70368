import { closeSync, ftruncateSync, openSync, rmSync } from 'node:fs';

import { frontOf, lengthOf, type Span, withSpan } from '#cache';

import { writeAll } from '../write-all.ts';
import { type FrontHash, hashBeside, hashHere } from './front-hash.ts';
import type { Found } from './wanted.ts';

/** A file that comes in, in whatever order: written by this process only, and hashed while it is written. */
export interface Incoming {
  readonly path: string;
  /** Bytes written so far. */
  size(): number;
  /** Which they are. */
  spans(): readonly Span[];
  write(chunk: Uint8Array, at: number): void;
  /** Makes room for all of it, so that what comes out of order finds its place. */
  expect(total: number): void;
  /** Forgets every byte. */
  restart(): void;
  /** Closes it, whole, and answers what it holds. */
  finish(): Promise<Found>;
  /** Closes it as it is. */
  close(): Promise<void>;
  /** Removes it, finished or not. */
  discard(): Promise<void>;
}

/** From this size on, in bytes, hashing is worth a thread of its own. */
const large = 32 * 1024 * 1024;

/** Opens `path`: absent, or with `there` in it. */
export function openIncoming(path: string, there: readonly Span[] = []): Incoming {
  const isNew = there.length === 0;
  const file = openSync(path, isNew ? 'wx+' : 'r+', 0o644);
  let spans = there;
  let hash: FrontHash | undefined;
  const ending: Promise<void>[] = [];
  let expected = 0;
  let isOpen = true;
  const hashing = (): FrontHash => (hash ??= expected >= large ? hashBeside(file) : hashHere(file));
  // A descriptor closed twice, or while it is read, may be somebody else's by then.
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await Promise.allSettled([...ending, hash?.end()]);
    closeSync(file);
  };
  return {
    path,
    size: () => lengthOf(spans),
    spans: () => spans,
    write(chunk, at) {
      writeAll(file, chunk, at, path);
      spans = withSpan(spans, { from: at, to: at + chunk.length });
      hashing().wrote(chunk, at, frontOf(spans));
    },
    expect(total) {
      expected = total;
      // Without blocks: a run that is killed leaves no more than it fetched.
      ftruncateSync(file, total);
    },
    restart() {
      if (hash !== undefined) ending.push(hash.end());
      hash = undefined;
      spans = [];
      ftruncateSync(file, 0);
    },
    async finish() {
      const size = lengthOf(spans);
      if (expected > size) ftruncateSync(file, size);
      const sha256 = await hashing().digest(size);
      await close();
      return { sha256, size };
    },
    close,
    async discard() {
      await close();
      rmSync(path, { force: true });
    },
  };
}
