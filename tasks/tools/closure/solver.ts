import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

import { Failed, type Interpreter } from '#engine';

import { localEnvironment } from '../python/environment.ts';
import { pipFor } from '../python/pip.ts';
import { normalName } from '../python/wheel-name.ts';
import type { Argv, Environment, Shell } from '../shell.ts';

/** What a solver is asked: one version of each package, so that everything holds together. */
export interface Riddle {
  /** What is wanted, as requirement lines. */
  readonly wanted: readonly string[];
  /** What must hold of a package if anybody wants it. */
  readonly constraints: readonly string[];
  /** The only index there is. */
  readonly index: string;
  /** An empty directory. */
  readonly scratch: string;
}

/** Versions by package, or what was said of why there are none. */
export type Solution =
  | { readonly found: ReadonlyMap<string, string>; readonly said?: undefined }
  | { readonly found?: undefined; readonly said: readonly string[] };

/** Whoever knows how to choose versions. */
export interface Solver {
  readonly name: string;
  solve(riddle: Riddle): Promise<Solution>;
}

/** What solvers work with. */
interface Bench {
  readonly shell: Shell;
  readonly environment: Environment;
  readonly interpreter: Interpreter;
}

/** uv, started as `program`. */
export const uvSolver = (program: string, bench: Bench): Solver => ({
  name: 'uv',
  async solve(riddle) {
    const { wanted, constraints, answer } = files(riddle);
    const alone = [
      '--no-config',
      '--no-cache',
      '--no-build',
      '--no-python-downloads',
      '--python',
      bench.interpreter.path,
    ];
    const plain = ['--no-header', '--no-annotate', '--no-progress', '--color', 'never', '--prerelease', 'allow'];
    const where = ['--default-index', riddle.index, '--constraints', constraints, '--output-file', answer];
    const argv: Argv = [program, 'pip', 'compile', ...alone, ...plain, ...where, wanted];
    const said = await failureOf(argv, riddle, bench);
    if (said !== undefined) return { said };
    const lines = readFileSync(answer, 'utf8').matchAll(/^([\w.-]+)==(\S+)/gm);
    return { found: new Map([...lines].map(([, name = '', version = '']) => [normalName(name), version])) };
  },
});

const Report = z.object({
  install: z.array(z.object({ metadata: z.object({ name: z.string(), version: z.string() }) })),
});

/** The pip that works for the interpreter. Throws `absent` when there is none. */
export async function pipSolver(bench: Bench): Promise<Solver> {
  const pip = await pipFor(bench.interpreter, bench);
  return {
    name: 'pip',
    async solve(riddle) {
      const { wanted, constraints, answer } = files(riddle);
      const nothing = ['--dry-run', '--ignore-installed', '--no-cache-dir', '--only-binary=:all:', '--pre'];
      const where = ['--index-url', riddle.index, '--constraint', constraints, '--report', answer];
      const said = await failureOf([...pip, 'install', ...nothing, ...where, '--requirement', wanted], riddle, bench);
      if (said !== undefined) return { said: reasonsIn(said) };
      const { install } = Report.parse(JSON.parse(readFileSync(answer, 'utf8')));
      return { found: new Map(install.map(({ metadata }) => [normalName(metadata.name), metadata.version])) };
    },
  };
}

/** Of all that pip says, why there is no solution. It writes errors and reasons to different streams, so they come in any order. */
function reasonsIn(said: readonly string[]): readonly string[] {
  const others = said.filter((line) => !/^(?:ERROR|WARNING|INFO):/.test(line));
  const from = others.indexOf('The conflict is caused by:');
  const reasons = from < 0 ? [] : others.slice(from + 1).filter((line) => line.startsWith(' '));
  const errors = said.filter((line) => line.startsWith('ERROR:') && !line.includes('ResolutionImpossible'));
  return reasons.length > 0 ? reasons : errors.length > 0 ? errors : said;
}

function files({ wanted, constraints, scratch }: Riddle) {
  const write = (name: string, lines: readonly string[]): string => {
    const path = join(scratch, name);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    return path;
  };
  return {
    wanted: write('wanted.txt', wanted),
    constraints: write('constraints.txt', constraints),
    answer: join(scratch, 'answer'),
  };
}

/** How much of what a solver says is kept. */
const keptLines = 500;

/** Runs a solver; answers all it said when it found nothing. */
async function failureOf(
  argv: Argv,
  { scratch }: Riddle,
  { shell, environment }: Bench,
): Promise<readonly string[] | undefined> {
  const said: string[] = [];
  const onLine = (line: string): void => {
    said.push(line);
    if (said.length > keptLines) said.shift();
  };
  try {
    await shell.run(argv, { cwd: scratch, environment: secluded(environment), onLine });
    return undefined;
  } catch (error) {
    if (error instanceof Failed && error.failure.kind === 'command') return said;
    throw error;
  }
}

/** No setting of the user's changes what is found, and no proxy stands before this machine's own address. */
const secluded = (environment: Environment): Environment => ({
  ...localEnvironment(environment),
  NO_PROXY: '*',
  PIP_CONFIG_FILE: '/dev/null',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
  PIP_NO_COLOR: '1',
  PIP_PROGRESS_BAR: 'off',
});
