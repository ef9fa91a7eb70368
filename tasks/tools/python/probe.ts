import { type Stats, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';

import { openTemps } from '#cache';
import { Failed, type Interpreter } from '#engine';

import type { Environment, Shell } from '../shell.ts';

/** Asks commands which interpreter they start. An answer is remembered in a file until something it depends on changes. */
export interface Probe {
  /** The interpreter behind an absolute path, or nothing when that starts none we can use. `again` asks even what is remembered. */
  ask(command: string, how: { readonly again: boolean }): Promise<Interpreter | undefined>;
}

const Known = z.object({
  path: z.string().check(z.startsWith('/')),
  version: z.string().check(z.regex(/^3\.\d+\.\d+$/)),
  cacheTag: z.string().check(z.regex(/^cpython-\d+$/)),
  platform: z.string().check(z.regex(/^[a-z][\w.]*-[\w.-]+$/)),
});
const Memory = z.record(z.string(), z.object({ witness: z.string(), interpreter: z.nullable(Known) }));

/** How many commands are remembered. */
const keptCommands = 50;

/** What a command is asked to say of itself: a virtual environment and a shim answer with the interpreter behind them. */
const question = `
import json, os, sys
import sysconfig
platform = sysconfig.get_platform()
if str(sysconfig.get_config_var('HOST_GNU_TYPE')).endswith('musl'):
    platform += '-musl'
print(json.dumps({
    'path': os.path.realpath(getattr(sys, '_base_executable', None) or sys.executable),
    'version': '.'.join(str(part) for part in sys.version_info[:3]),
    'cacheTag': sys.implementation.cache_tag,
    'platform': platform,
}))
`;

/** A probe that remembers in `<directory>/python.json`; when `readOnly`, it only reads what is remembered there. */
export function openProbe({
  shell,
  directory,
  environment,
  readOnly = false,
}: {
  readonly shell: Shell;
  readonly directory: string;
  readonly environment: Environment;
  readonly readOnly?: boolean;
}): Probe {
  const file = join(directory, 'python.json');
  const clean = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(?:PYTHON|VIRTUAL_ENV|__PYVENV)/.test(name)),
  );
  const witnessOf = (command: string, interpreter: Interpreter | null): string =>
    JSON.stringify([
      environment['PYENV_VERSION'] ?? '',
      // Beside its shims, pyenv keeps the file that says which version they start.
      ...[command, interpreter?.path ?? command, join(dirname(command), '..', 'version')].map(fingerprint),
    ]);
  return {
    async ask(command, { again }) {
      const known = read(file)[command];
      if (!again && known?.witness === witnessOf(command, known?.interpreter ?? null))
        return known.interpreter ?? undefined;
      const interpreter = await answerOf(shell, command, clean);
      const memory = { witness: witnessOf(command, interpreter), interpreter };
      if (!readOnly) await remember(file, { ...read(file), [command]: memory });
      return interpreter ?? undefined;
    },
  };
}

async function answerOf(shell: Shell, command: string, environment: Environment): Promise<Interpreter | null> {
  try {
    const argv = [command, '-I', '-S', '-c', question] as const;
    const { stdout } = await shell.run(argv, { environment, onLine: () => {} });
    return Known.parse(JSON.parse(stdout.at(-1) ?? 'null'));
  } catch (error) {
    if (error instanceof Failed && error.failure.kind === 'cancelled') throw error;
    return null;
  }
}

/** What is remembered, or nothing when that cannot be read. */
function read(file: string): z.infer<typeof Memory> {
  try {
    return Memory.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

/** Remembers for the next run; when that is not possible, the next run asks again. */
async function remember(file: string, memory: z.infer<typeof Memory>): Promise<void> {
  const temps = openTemps(join(dirname(file), 'tmp'));
  const latest = Object.fromEntries(Object.entries(memory).slice(-keptCommands));
  try {
    await temps.sweep();
    temps.write(file, `${JSON.stringify(latest, null, 2)}\n`);
  } catch {}
}

/** What changes when a file does. */
function fingerprint(path: string): string {
  try {
    const { size, mtimeMs, ino }: Stats = statSync(path);
    return `${realpathSync(path)} ${size} ${mtimeMs} ${ino}`;
  } catch {
    return 'absent';
  }
}
