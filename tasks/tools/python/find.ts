import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

import { Failed, type Interpreter } from '#engine';

import type { Environment } from '../shell.ts';
import type { Probe } from './probe.ts';
import { minorOf } from './wheel-name.ts';

/** Which interpreter is looked for: `version` is a prefix (`3`, `3.11`, `3.11.9`), `command` a name or a path to try first. */
export interface Wanted {
  readonly version?: string;
  readonly command?: string;
}

/**
 * The first interpreter that fits: the command, then the usual names along PATH. Another patch level than the wanted one is
 * accepted when there is no better, and said. Throws `absent` with what was found instead.
 */
export async function findInterpreter(
  wanted: Wanted,
  seams: { readonly probe: Probe; readonly environment: Environment; readonly onLine: (line: string) => void },
): Promise<Interpreter> {
  const commands = candidates(wanted, seams.environment['PATH'] ?? '');
  const found = new Map<string, Interpreter>();
  // What is remembered may be out of date where it is in the way: before giving up, everything is asked again.
  for (const again of [false, true]) {
    let near: Interpreter | undefined;
    for (const command of commands) {
      const interpreter = await seams.probe.ask(command, { again });
      if (interpreter === undefined) continue;
      found.set(command, interpreter);
      const fit = fitOf(interpreter.version, wanted.version);
      if (fit === 'exact') return interpreter;
      if (fit === 'near') near ??= interpreter;
    }
    if (near === undefined) continue;
    seams.onLine(`Python ${wanted.version} is wanted and not here: using ${near.version} (${near.path})`);
    return near;
  }
  throw absent(wanted, found);
}

/** Whether a version is the wanted one, differs in its patch level alone, or does not fit. */
export function fitOf(version: string, wanted?: string): 'exact' | 'near' | 'none' {
  const oldest = 8;
  if (Number(version.split('.')[1]) < oldest) return 'none';
  if (wanted === undefined || version === wanted || version.startsWith(`${wanted}.`)) return 'exact';
  return wanted.split('.').length === 3 && minorOf(version) === minorOf(wanted) ? 'near' : 'none';
}

/** Absolute paths of everything that may be the wanted interpreter, best first, each once. */
function candidates({ version, command }: Wanted, path: string): readonly string[] {
  const named = command === undefined ? [] : command.includes('/') ? [resolve(command)] : along(path, command);
  const usual = [...(version === undefined ? [] : [`python${minorOf(version)}`]), 'python3', 'python'];
  return [...new Set([...named.filter(isProgram), ...usual.flatMap((name) => along(path, name))])];
}

/** The programs of a name along PATH: absolute paths, the first one first. */
export const along = (path: string, name: string): readonly string[] =>
  path
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => resolve(join(directory, name)))
    .filter(isProgram);

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function absent({ version = '3', command }: Wanted, found: ReadonlyMap<string, Interpreter>): Failed {
  const others = [...found].map(([name, interpreter]) => `${interpreter.version} (${name})`);
  return new Failed({
    kind: 'absent',
    what: `Python ${version}${command === undefined ? '' : ` or a fitting ${command}`}`,
    hint: `${others.length === 0 ? 'no Python was found' : `found ${others.join(', ')}`}; name an interpreter in COMFY_PYTHON, or another python.version`,
  });
}
