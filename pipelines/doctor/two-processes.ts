import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { fine, type Finding, problem } from './finding.ts';
import { contested, contestedSize, type Raced, rounds } from './race.ts';

/** How this program is started again, and what ends it. */
export interface Starting {
  /** The script that starts it. */
  readonly launcher: string;
  readonly signal: AbortSignal;
}

const racers = ['a', 'b'] as const;

/** Lets two processes want the same names in an empty directory, and looks at the same files meanwhile. */
export async function tryTogether(directory: string, starting: Starting): Promise<readonly Finding[]> {
  const at = (name: string): string => join(directory, name);
  writeFileSync(at('from-parent'), 'hello');
  writeFileSync(at(contested), 'a'.repeat(contestedSize));
  const started = racers.map((who) => start(who, directory, starting));
  try {
    await Promise.all(started.map(({ ready }) => ready));
    for (const { go } of started) go();
    const ending = Promise.all(started.map(({ raced }) => raced));
    const [came, torn] = await Promise.all([ending, countTorn(at(contested), ending)]);
    return verdicts({
      came,
      torn,
      seen: racers.map((who) => readFileSync(at(`seen-${who}`), 'utf8') === who),
      owner: (round) => readFileSync(at(`directory-${round}/who`), 'utf8'),
    });
  } finally {
    // What they still write would outlive the directory.
    await Promise.all(started.map(({ closed }) => closed));
  }
}

/** What two processes came to: which names each took, how often a file was seen torn, whether the starter read what they left. */
export interface Outcome {
  readonly came: readonly Raced[];
  readonly torn: number;
  readonly seen: readonly boolean[];
  /** Who a directory is of. */
  readonly owner: (round: number) => string;
}

/** What that says of the volume. */
export const verdicts = ({ came, torn, seen, owner }: Outcome): readonly Finding[] => [
  verdict(
    'exclusive files',
    takenOnce(came.map(({ exclusive }) => exclusive)),
    'a file that must not exist is made by one process alone',
    'two processes both made the same new file: O_EXCL means nothing here',
  ),
  verdict(
    'rename',
    torn === 0 &&
      takenOnce(came.map(({ renamed }) => renamed)) &&
      came.every(({ renamed }, n) => renamed.every((round) => owner(round) === racers[n])),
    'a rename happens whole, and to one process alone',
    'a rename was seen half done, or succeeded twice',
  ),
  verdict(
    'visibility',
    seen.every(Boolean) && came.every(({ read }) => read === 'hello'),
    'what one process wrote another one reads at once',
    'what one process wrote another one does not read',
  ),
];

function start(who: string, directory: string, { launcher, signal }: Starting) {
  const argv = [launcher, '__race', directory, who];
  const child = spawn(process.execPath, argv, { signal, stdio: ['pipe', 'pipe', 'ignore'] });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  // One that cannot start, or is stopped, closes too.
  child.on('error', () => {});
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  return {
    closed,
    ready: Promise.race([once(child.stdout, 'data'), closed]),
    go: () => child.stdin.on('error', () => {}).end('go\n'),
    get raced() {
      return closed.then((code) => {
        const line = text.split('\n')[1] ?? '';
        if (code !== 0 || line === '') throw new Error(`a process that tries the volume ended with ${String(code)}`);
        return JSON.parse(line) as Raced;
      });
    },
  };
}

/** How often a file that two processes keep replacing was there in part, or not at all, until they end. */
async function countTorn(file: string, ending: Promise<unknown>): Promise<number> {
  const state = { torn: 0, ended: false };
  const end = (): void => void (state.ended = true);
  ending.then(end, end);
  while (!state.ended) {
    if (!isWhole(file)) state.torn++;
    await setImmediate();
  }
  return state.torn;
}

function isWhole(file: string): boolean {
  try {
    const text = readFileSync(file, 'utf8');
    return text.length === contestedSize && text === text[0]!.repeat(contestedSize);
  } catch {
    return false;
  }
}

/** Whether every name was taken, and by one racer. */
const takenOnce = (taken: readonly (readonly number[])[]): boolean =>
  taken.flat().length === rounds && new Set(taken.flat()).size === rounds;

const verdict = (about: string, holds: boolean, says: string, otherwise: string): Finding =>
  holds
    ? fine(about, `${says} (${rounds} times, two processes)`, { rounds })
    : problem(about, otherwise, 'keep cache and targets on another volume: nothing can be correct on this one', {
        rounds,
      });
