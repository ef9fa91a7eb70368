import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { Failed, type Interpreter, toFailure } from '#engine';

import type { Environment, Shell } from '../shell.ts';
import { type Fetching, ownUv } from './own-uv.ts';
import { pipSolver, type Solver, uvSolver } from './solver.ts';

/**
 * Whoever chooses versions: the uv in `$UV`, one along PATH, one of our own that was fetched or can be, else pip.
 * All of them read the same index and come to the same answer. Throws `absent` when there is none.
 */
export async function findSolver(
  interpreter: Interpreter,
  { fetching, ...seams }: { readonly shell: Shell; readonly environment: Environment; readonly fetching: Fetching },
): Promise<Solver> {
  const bench = { ...seams, interpreter };
  const { environment } = seams;
  const named = environment['UV'];
  if (named) {
    if (isProgram(named)) return uvSolver(named, bench);
    throw new Failed({ kind: 'absent', what: `The program ${named}`, hint: 'let UV name the path of uv, or unset it' });
  }
  const here = (environment['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  const uv = here.map((directory) => join(directory, 'uv')).find(isProgram) ?? (await fetched(interpreter, fetching));
  return uv === undefined ? pipSolver(bench) : uvSolver(uv, bench);
}

/** Where none can be fetched, another solver will do. */
async function fetched({ platform }: Interpreter, fetching: Fetching): Promise<string | undefined> {
  try {
    return await ownUv(platform, fetching);
  } catch (error) {
    if (['bug', 'cancelled', 'integrity'].includes(toFailure(error).kind)) throw error;
    return undefined;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
