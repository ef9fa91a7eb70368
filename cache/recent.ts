import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Answer, Results } from './results.ts';

/** What the last run of one pipeline came to, by step name. */
export interface Recent extends Results {
  /** The answer a step of this name had when the last run ended. */
  answerOf(name: string): Answer | undefined;
  /** What was noted about a step when it last ran. */
  noteOf(name: string): unknown;
  /** Ends a run: `steps` are its steps' names and keys, `notes` are kept until a step of that name runs again. */
  remember(steps: ReadonlyMap<string, string>, notes: ReadonlyMap<string, unknown>): void;
}

interface Remembered {
  readonly answers: Readonly<Record<string, Answer>>;
  readonly notes: Readonly<Record<string, unknown>>;
}

/**
 * Reads ahead: one file holds the answers of the last run, so that a run in which nothing changed opens one record instead
 * of one for each step. It is a copy of `results`; deleting it costs time and nothing else.
 */
export function openRecent(file: string, results: Results): Recent {
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
      if (!same) write(file, { answers, notes: { ...before.notes, ...Object.fromEntries(notes) } });
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

function write(file: string, content: Remembered): void {
  const aside = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(aside, JSON.stringify(content));
    renameSync(aside, file);
  } catch {
    // Only a shortcut is lost.
  }
}
