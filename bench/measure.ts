import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

/** A command to be timed. */
export interface Subject {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Puts things back before each run; its time is not counted. */
  readonly before?: () => void;
}

/** What a subject took: wall time in milliseconds, over all runs. */
export interface Timing {
  readonly name: string;
  readonly medianMs: number;
  readonly leastMs: number;
}

/** Times subjects side by side: one run of each in turn, so that a busy machine is busy for all of them. */
export function measure(subjects: readonly Subject[], runs: number): readonly Timing[] {
  const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  for (const subject of subjects) once(subject);
  for (let run = 0; run < runs; run++) for (const subject of subjects) times.get(subject.name)!.push(once(subject));
  return subjects.map(({ name }) => ({ name, ...summary(times.get(name)!) }));
}

function once({ name, argv: [program, ...rest], cwd, environment, before }: Subject): number {
  before?.();
  const began = performance.now();
  const { status, stderr } = spawnSync(program, rest, {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ms = performance.now() - began;
  if (status !== 0) throw new Error(`${name} exited with ${status}: ${stderr.toString()}`);
  return ms;
}

/** The median and the least of some times. */
function summary(times: readonly number[]): Omit<Timing, 'name'> {
  const sorted = times.toSorted((a, b) => a - b);
  return { medianMs: sorted[Math.floor(sorted.length / 2)]!, leastMs: sorted[0]! };
}

/** The machine, in one line. */
export const machine = (): string =>
  `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, Node ${process.version}`;
