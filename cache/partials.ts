import {
  closeSync,
  constants,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';

import { breathe } from './breathe.ts';
import { bestEffort } from './disk-error.ts';
import { isGone, sameOwner, thisProcess } from './owner.ts';
import { type PartialNote, readNote } from './partial-note.ts';
import { lengthOf, type Span } from './spans.ts';
import { nameFor, ownerIn } from './temps.ts';

/** A file of which this process has a part, and may write more. `note` says what is there; of a new one nothing is. */
export interface PartialFile {
  readonly path: string;
  readonly note?: PartialNote;
}

/** Files that come in over several runs, by the hash they will have. One process writes one of them, and nobody else does. */
export interface Partials {
  /**
   * Takes what an earlier run left of a file, else names a new one (absent). What another process may still have open is
   * copied: only the copy is written. `signal` stops the copying.
   */
  take(sha256: string, signal: AbortSignal): Promise<PartialFile>;
  /** Writes down what a partial holds. Losing it costs fetching again. */
  write(path: string, note: Omit<PartialNote, 'format'>): void;
  /** Removes a partial with its note. */
  drop(path: string): void;
  /** Removes everything that was left of a file: it has arrived. */
  clear(sha256: string): void;
}

/** Partials in `directory`, `<sha256>.<owner>` with a note beside each, on the volume where the finished files go. */
export function openPartials(directory: string): Partials {
  const freshFor = (sha256: string): string => join(directory, `${sha256}.${nameFor(thisProcess())}`);
  return {
    async take(sha256, signal) {
      mkdirSync(directory, { recursive: true });
      for (const { path, note, isOwn } of abandoned(directory, sha256)) {
        const claimed = freshFor(sha256);
        if (!claim(path, claimed)) continue;
        // A run that is killed from here on leaves it with its note.
        if (note !== undefined) write(claimed, { ...note, left: true });
        drop(path);
        if (note === undefined) drop(claimed);
        else if (isOwn) return { path: claimed, note };
        else {
          const copy = freshFor(sha256);
          if (await isCopied(claimed, copy, note, signal)) return { path: copy, note };
        }
      }
      return { path: freshFor(sha256) };
    },
    write,
    drop,
    clear(sha256) {
      for (const { path } of abandoned(directory, sha256)) drop(path);
    },
  };
}

/** A copy that cannot be made, for want of room, is no loss but of bytes that come again. */
async function isCopied(from: string, to: string, note: PartialNote, signal: AbortSignal): Promise<boolean> {
  try {
    await copyInto(from, to, note.spans, signal);
  } catch {
    drop(to);
    signal.throwIfAborted();
    drop(from);
    return false;
  }
  drop(from);
  return true;
}

const noteOf = (path: string): string => `${path}.json`;

const drop = (path: string): void => {
  for (const file of [path, noteOf(path)]) bestEffort(() => rmSync(file, { force: true }));
};

const write = (path: string, note: Omit<PartialNote, 'format'>): void =>
  bestEffort(() => {
    const draft = `${noteOf(path)}.new`;
    writeFileSync(draft, JSON.stringify({ format: 1, ...note }));
    renameSync(draft, noteOf(path));
  });

/** What nobody writes to any more: its process is gone, or has said that it closed it. The largest first. */
function abandoned(
  directory: string,
  sha256: string,
): readonly { readonly path: string; readonly note: PartialNote | undefined; readonly isOwn: boolean }[] {
  let names: readonly string[] = [];
  bestEffort(() => (names = readdirSync(directory)));
  return names
    .flatMap((name) => {
      const owner = name.startsWith(`${sha256}.`) ? ownerIn(name.slice(sha256.length + 1)) : undefined;
      if (owner === undefined) return [];
      const path = join(directory, name);
      const note = readNote(noteOf(path));
      const isOwn = sameOwner(owner, thisProcess());
      const isFree = note?.left === true || (!isOwn && isGone(owner, directory));
      return isFree ? [{ path, note, isOwn, bytes: lengthOf(note?.spans ?? []) }] : [];
    })
    .toSorted((a, b) => b.bytes - a.bytes);
}

/** Of all that want it, one gets it. */
function claim(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** A fresh inode with the same spans: whoever has the old one open writes to nothing that counts. */
async function copyInto(from: string, to: string, spans: readonly Span[], signal: AbortSignal): Promise<void> {
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return;
  } catch {
    rmSync(to, { force: true });
  }
  const [source, copy] = [openSync(from, 'r'), openSync(to, 'wx', 0o644)];
  try {
    // What lies between the spans stays a hole, as it is in the source.
    ftruncateSync(copy, statSync(from).size);
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    for (const span of spans)
      for (let at = span.from; at < span.to;) {
        signal.throwIfAborted();
        const read = readSync(source, buffer, 0, Math.min(buffer.length, span.to - at), at);
        if (read === 0) throw new Error(`${basename(from)} is shorter than its note says`);
        for (let done = 0; done < read;) done += writeSync(copy, buffer, done, read - done, at + done);
        at += read;
        await breathe();
      }
  } finally {
    closeSync(source);
    closeSync(copy);
  }
}
