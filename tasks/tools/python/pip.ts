import { Failed, type Interpreter } from '#engine';

import type { Argv, Environment, Shell } from '../shell.ts';
import { pipEnvironment } from './environment.ts';

/** The oldest pip that reports what it would install, and works for another Python than its own (`--python`). */
const oldest = { major: 22, minor: 3 };

/**
 * How to call a pip that works for `target` (the interpreter itself unless it is said): the interpreter's own, else one on PATH,
 * else one that uv brings. Throws `absent` when there is none.
 */
export async function pipFor(
  { path }: Interpreter,
  { shell, environment }: { readonly shell: Shell; readonly environment: Environment },
  target = path,
): Promise<Argv> {
  // Python looks for pip where it is started, so not where anybody puts files.
  const quiet = { cwd: '/', environment: pipEnvironment(environment, true), onLine: () => {} };
  const versionOf = async (argv: Argv): Promise<string> => {
    try {
      return (await shell.run([...argv, '--version'], quiet)).stdout.at(-1) ?? '';
    } catch (error) {
      if (error instanceof Failed && error.failure.kind === 'cancelled') throw error;
      return '';
    }
  };
  const forTarget = ['--python', target];
  const pips: readonly Argv[] = [[path, '-m', 'pip'], ['pip3'], ['pip']];
  for (const argv of pips) {
    const [, major, minor] = /^pip (\d+)\.(\d+)/.exec(await versionOf(argv)) ?? [];
    if (Number(major) > oldest.major || (Number(major) === oldest.major && Number(minor) >= oldest.minor))
      return argv[0] === target ? argv : [...argv, ...forTarget];
  }
  const lent = ['--no-project', '--isolated', '--python', path, '--with', 'pip', 'python', '-m', 'pip', ...forTarget];
  if ((await versionOf(['uv'])).startsWith('uv ')) return ['uv', 'run', '--quiet', ...lent];
  throw new Failed({
    kind: 'absent',
    what: `A pip (${oldest.major}.${oldest.minor} or newer) or uv`,
    hint: 'install python3-pip or uv: one of them is asked which packages fit together',
  });
}
