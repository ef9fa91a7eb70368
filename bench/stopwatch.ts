import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

import { launcher } from './world.ts';

/** A command to be timed. */
export interface Subject {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  /** Beside PATH, all that the command sees. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Puts things back before each run; its time is not counted. */
  readonly before?: () => void;
}

/** What a subject took: wall time in milliseconds, over all runs. */
export interface Timing {
  readonly name: string;
  readonly medianMs: number;
  readonly leastMs: number;
  readonly runs: number;
}

/** Times commands side by side: one run of each in turn, so that a busy machine is busy for all of them. */
export interface Stopwatch {
  /** How often a quick command is run. */
  readonly runs: number;
  /** `runs` is for commands that take long; `warmUp` is one more run of each, before the others and not counted. */
  measure<const S extends readonly Subject[]>(
    subjects: S,
    how?: { readonly runs?: number; readonly warmUp?: boolean },
  ): { readonly [N in keyof S]: Timing };
}

/** A stopwatch. Once `profiles` is given, each command of ours is run once more, for a profile in that directory. */
export const openStopwatch = ({
  runs: usual,
  profiles,
}: {
  readonly runs: number;
  readonly profiles?: { readonly directory: string; readonly prefix: string };
}): Stopwatch => ({
  runs: usual,
  measure<const S extends readonly Subject[]>(subjects: S, { runs = usual, warmUp = true } = {}) {
    const times = subjects.map((): number[] => []);
    if (warmUp) for (const subject of subjects) once(subject);
    for (let run = 0; run < Math.min(runs, usual); run++)
      for (const [n, subject] of subjects.entries()) times[n]!.push(once(subject));
    if (profiles !== undefined) for (const subject of subjects) profile(subject, profiles);
    const timings = subjects.map(({ name }, n): Timing => ({ name, ...summary(times[n]!) }));
    return timings as unknown as { readonly [N in keyof S]: Timing };
  },
});

/** Runs a command to its end. Throws when it fails. Answers its wall time in milliseconds. */
export function once({ name, argv: [program, ...rest], cwd, environment, before }: Subject): number {
  before?.();
  const began = performance.now();
  const { status, stderr, error } = spawnSync(program, rest, {
    cwd,
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 64 << 20,
  });
  const ms = performance.now() - began;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${name} exited with ${status}: ${stderr.toString().slice(-2_000)}`);
  return ms;
}

function profile(
  subject: Subject,
  { directory, prefix }: { readonly directory: string; readonly prefix: string },
): void {
  const [program, ...rest] = subject.argv;
  if (program !== process.execPath || rest[0] !== launcher) return;
  const name = `${prefix}-${subject.name.replaceAll(/\W+/g, '-')}.cpuprofile`;
  const argv = [program, '--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${name}`, ...rest] as const;
  once({ ...subject, argv });
}

/** The median and the least of some times. */
function summary(times: readonly number[]): Omit<Timing, 'name'> {
  const sorted = times.toSorted((a, b) => a - b);
  return { medianMs: sorted[Math.floor(sorted.length / 2)]!, leastMs: sorted[0]!, runs: times.length };
}

/** The machine, in one line. */
export const machine = (): string =>
  `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, Node ${process.version}`;
