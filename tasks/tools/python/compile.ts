import type { Interpreter } from '#engine';

import type { Environment, Shell } from '../shell.ts';
import { localEnvironment } from './environment.ts';
import { sitePackagesOf } from './venv.ts';

/**
 * Paths are given relative, so that no place is written into the bytes. The first entry of the search path would be that
 * same directory of foreign code. What does not compile (code for another Python) is left out, as every installer does.
 */
const program = `
import sys
del sys.path[0]
from compileall import compile_dir
from py_compile import PycInvalidationMode
compile_dir(sys.argv[1], maxlevels=64, quiet=2, force=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
`;

/** Byte-compiles the packages below an environment at `into`: the same bytes at every run and in every place. */
export async function compilePackages({
  into,
  interpreter,
  shell,
  environment,
}: {
  readonly into: string;
  readonly interpreter: Interpreter;
  readonly shell: Shell;
  readonly environment: Environment;
}): Promise<void> {
  const argv = [interpreter.path, '-s', '-S', '-W', 'ignore', '-c', program, sitePackagesOf(interpreter)] as const;
  await shell.run(argv, { cwd: into, environment: localEnvironment(environment) });
}
