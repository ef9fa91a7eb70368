import { Failed, type Interpreter } from '#engine';

import type { Argv, Environment, Shell } from '../shell.ts';
import { pipEnvironment } from './environment.ts';

/** The oldest pip that reports what it would install, and works for another Python than its own (`--python`). */
const oldest = { major: 22, minor: 3 };

/**
 * How to call a pip that works for `target` (the interpreter itself unless it is said): the interpreter's own, else one that
 * uv brings, else one on PATH. Throws `absent` when there is none.
 */
export async function pipFor(
  { path }: Interpreter,
  { shell, environment }: { readonly shell: Shell; readonly environment: Environment },
  target = path,
): Promise<Argv> {
  // Python looks for pip where it is started, so not where anybody puts files.
  const quiet = { cwd: '/', environment: pipEnvironment(environment, true), onLine: () => {} };
  const isThere = async (argv: Argv, wanted: (version: string) => boolean): Promise<boolean> => {
    try {
      return wanted((await shell.run([...argv, '--version'], quiet)).stdout.at(-1) ?? '');
    } catch (error) {
      if (error instanceof Failed && error.failure.kind === 'cancelled') throw error;
      return false;
    }
  };
  const own = [path, '-m', 'pip'] as const;
  const forTarget = ['--python', target];
  if (await isThere(own, isRecent)) return target === path ? own : [...own, ...forTarget];
  const lent = ['--no-project', '--isolated', '--python', path, '--with', 'pip', 'python', '-m', 'pip', ...forTarget];
  if (await isThere(['uv'], (version) => version.startsWith('uv '))) return ['uv', 'run', '--quiet', ...lent];
  // Last, because one made for an older Python may break in a newer one.
  for (const pip of ['pip3', 'pip']) if (await isThere([pip], isRecent)) return [pip, ...forTarget];
  throw new Failed({
    kind: 'absent',
    what: `A pip (${oldest.major}.${oldest.minor} or newer) or uv`,
    hint: 'install python3-pip or uv: one of them is asked which packages fit together',
  });
}

function isRecent(text: string): boolean {
  const [, major, minor] = /^pip (\d+)\.(\d+)/.exec(text) ?? [];
  return Number(major) > oldest.major || (Number(major) === oldest.major && Number(minor) >= oldest.minor);
}
