import { lstatSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

import { sha256Of } from './digest.ts';
import { bestEffort } from './disk-error.ts';
import type { Answer, Results } from './results.ts';
import { openTemps } from './temps.ts';

/** What the last run of one pipeline came to, by step name. */
export interface Recent extends Results {
  /** The answer a step of this name had when the last run ended. */
  answerOf(name: string): Answer | undefined;
  /** What was noted about a step when it last ran. */
  noteOf(name: string): unknown;
  /** Ends a run: `steps` are its steps' names and keys, `notes` are kept until a step of that name runs again. */
  remember(steps: ReadonlyMap<string, string>, notes: ReadonlyMap<string, unknown>): void;
}

/** Where what was last is kept, and the words that name a run: the same every time. */
interface Which {
  readonly directory: string;
  readonly run: string;
}

interface Remembered {
  readonly answers: Readonly<Record<string, Answer>>;
  readonly notes: Readonly<Record<string, unknown>>;
}

/**
 * Reads ahead: one file holds the answers of the last run, so that a run in which nothing changed opens one record instead
 * of one for each step. It is a copy of `results`; deleting it costs time and nothing else.
 */
export function openRecent({ directory, run }: Which, results: Results): Recent {
  const file = fileOf(directory, run);
  const before = read(file);
  const known = new Map(Object.values(before.answers).map((answer) => [answer.key, answer]));
  return {
    lookup(key) {
      const answer = known.get(key);
      if (answer !== undefined) return answer;
      const found = results.lookup(key);
      return found instanceof Promise ? found.then((late) => note(late)) : note(found);
    },
    async save(answer) {
      known.set(answer.key, answer);
      await results.save(answer);
    },
    answerOf: (name) => before.answers[name],
    noteOf: (name) => before.notes[name],
    remember(steps, notes) {
      const answers = Object.fromEntries(
        [...steps].flatMap(([name, key]) => (known.has(key) ? [[name, known.get(key)!]] : [])),
      );
      const same =
        notes.size === 0 &&
        Object.keys(answers).length === Object.keys(before.answers).length &&
        Object.entries(answers).every(([name, { key }]) => before.answers[name]?.key === key);
      if (same) touch(file);
      else write(file, { run, answers, notes: { ...before.notes, ...Object.fromEntries(notes) } });
    },
  };

  function note(answer: Answer | undefined): Answer | undefined {
    if (answer !== undefined) known.set(answer.key, answer);
    return answer;
  }
}

function read(file: string): Remembered {
  try {
    const { answers, notes } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Remembered>;
    const whole = Object.values(answers ?? {}).every((answer) => typeof answer.key === 'string');
    return whole ? { answers: answers ?? {}, notes: notes ?? {} } : { answers: {}, notes: {} };
  } catch {
    return { answers: {}, notes: {} };
  }
}

const fileOf = (directory: string, run: string): string => join(directory, `${sha256Of(run).slice(0, 32)}.json`);

/** When a run of this name last ended here; undefined when none did. */
export const lastRunAt = (directory: string, run: string): Date | undefined =>
  statSync(fileOf(directory, run), { throwIfNoEntry: false })?.mtime;

/** What the last run of one name left, as `gc` sees it. `usedAt` is when it ended, in milliseconds by the clock of the volume. */
export interface LastRun {
  readonly path: string;
  /** Undefined in a file that cannot be read as one. */
  readonly run: string | undefined;
  /** The machine that wrote it; undefined where that is not known. */
  readonly host: string | undefined;
  /** The whole file: it names everything that the run came to. */
  readonly text: string;
  readonly usedAt: number;
}

/** The last run of every name. */
export const lastRuns = (directory: string): readonly LastRun[] =>
  namesIn(directory).flatMap((name) => {
    const path = join(directory, name);
    try {
      const [text, usedAt] = [readFileSync(path, 'utf8'), lstatSync(path).ctimeMs];
      return [{ path, text, usedAt, ...ownerIn(text) }];
    } catch {
      return [];
    }
  });

function ownerIn(text: string): Pick<LastRun, 'run' | 'host'> {
  try {
    const { run, host } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return { run: typeof run === 'string' ? run : undefined, host: typeof host === 'string' ? host : undefined };
  } catch {
    return { run: undefined, host: undefined };
  }
}

/** The names of the runs that ended here, the latest first. */
export function* recentRuns(directory: string): Generator<string> {
  const files = namesIn(directory).flatMap((name) => {
    const stat = statSync(join(directory, name), { throwIfNoEntry: false });
    return stat?.isFile() ? [{ name, at: stat.mtimeMs }] : [];
  });
  for (const { name } of files.toSorted((a, b) => b.at - a.at)) {
    try {
      const { run } = JSON.parse(readFileSync(join(directory, name), 'utf8')) as { readonly run?: unknown };
      if (typeof run === 'string') yield run;
    } catch {
      // Torn, or gone this very moment: nobody's run.
    }
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

/** The file's time says when its run last ended, also when nothing was news. */
function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // Only the order of runs is lost.
  }
}

function write(file: string, content: Remembered & Pick<Which, 'run'>): void {
  const temps = openTemps(join(dirname(file), 'tmp'));
  // Only a shortcut would be lost.
  bestEffort(() => temps.write(file, JSON.stringify({ host: hostname(), ...content })));
}
