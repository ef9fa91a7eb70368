import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { sha256Of } from './digest.ts';
import { bestEffort } from './disk-error.ts';
import { openTemps } from './temps.ts';

/** Records of what was run, the last few of each subject, numbered from 1 on. A subject is named by the same words every time. */
export interface Runs {
  /** Keeps one more, and drops the oldest that is too many. Answers its number. Throws when it cannot be written. */
  keep(subject: string, text: string): number;
  /** What is kept of a subject, oldest first. */
  of(subject: string): readonly KeptRun[];
  /** The same for every subject there is. */
  all(): readonly (readonly KeptRun[])[];
}

/** One record. It may be gone by the time it is read: then its text is empty. */
export interface KeptRun {
  readonly n: number;
  readonly read: () => string;
}

/** How many records of one subject are kept. */
const most = 20;

/** Records in `directory`: for each subject a directory of its own. They are for people; nothing is built from them. */
export function openRuns(directory: string): Runs {
  const temps = openTemps(join(directory, 'tmp'));
  const roomOf = (subject: string): string => join(directory, sha256Of(subject).slice(0, 32));
  return {
    keep(subject, text) {
      const room = roomOf(subject);
      const before = numbersIn(room);
      const n = (before.at(-1) ?? 0) + 1;
      temps.write(fileOf(room, n), text);
      for (const old of before.slice(0, Math.max(0, before.length + 1 - most)))
        bestEffort(() => rmSync(fileOf(room, old), { force: true }));
      return n;
    },
    of: (subject) => runsIn(roomOf(subject)),
    all: () => namesIn(directory).flatMap((name) => (isRoom(name) ? [runsIn(join(directory, name))] : [])),
  };
}

const isRoom = (name: string): boolean => /^[0-9a-f]{32}$/.test(name);

const fileOf = (room: string, n: number): string => join(room, `${n}.jsonl`);

const runsIn = (room: string): readonly KeptRun[] =>
  numbersIn(room).map((n) => ({ n, read: () => textOf(fileOf(room, n)) }));

const numbersIn = (room: string): readonly number[] =>
  namesIn(room)
    .flatMap((name) => /^(\d{1,9})\.jsonl$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
