import { chmodSync, mkdirSync, mkdtempDisposableSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Content } from '#cache';
import { Failed } from '#engine';

import type { Argv } from '../shell.ts';
import { writeFile } from '../write-file.ts';
import { localEnvironment } from './environment.ts';
import { readContent } from './file-digest.ts';
import { pipFor } from './pip.ts';
import { movableScript } from './scripts.ts';
import { sealWheel } from './seal.ts';
import { writeVenv } from './venv.ts';
import { normalName } from './wheel-name.ts';
import { type Bench, openWheel, type Wanted } from './wheel.ts';

/**
 * Lays out one wheel below `into` with a real installer: it works in an environment of its own, without an index, and what it
 * placed there moves to `into` in the same shape as our own unpacker gives. The wheel is checked before the installer sees it.
 */
export async function installWheel(
  wanted: Wanted,
  installer: 'pip' | 'uv',
  bench: Bench,
): Promise<ReadonlyMap<string, Content>> {
  const { into, interpreter } = wanted;
  mkdirSync(dirname(into), { recursive: true });
  using temporary = mkdtempDisposableSync(`${into}.`);
  const [checked, venv] = [join(temporary.path, 'checked'), join(temporary.path, 'venv')];
  const wheel = await openWheel(wanted, checked, bench.archive);
  const file = join(temporary.path, wanted.filename);
  symlinkSync(wanted.wheel, file);
  const requirements = join(temporary.path, 'requirements.txt');
  const name = normalName(wheel.name.name);
  writeFile(requirements, `${name} @ ${pathToFileURL(file).href} --hash=sha256:${wanted.sha256}\n`);
  writeVenv({ interpreter, into: venv });
  const command = await commandOf(installer, { wanted, venv, requirements }, bench);
  const environment = { ...localEnvironment(bench.environment), PIP_CONFIG_FILE: '/dev/null', PIP_NO_INPUT: '1' };
  await bench.shell.run(command, { cwd: '/', environment }).catch((error: unknown) => {
    throw hinted(error, installer);
  });
  const files = new Map<string, Content>();
  for (const [from, place] of wheel.places) {
    const path = join(into, place);
    mkdirSync(dirname(path), { recursive: true });
    renameSync(join(venv, place), path);
    if (from.startsWith(`${wheel.parts.data}/scripts/`)) {
      writeFile(path, movableScript(readFileSync(join(checked, from))));
      chmodSync(path, 0o755);
    }
    files.set(place, await readContent(path));
  }
  return await sealWheel({ into, interpreter, installer }, { wheel, files }, bench);
}

/** What an installer says is often of no help: the wheel itself was found to be sound before it was asked. */
function hinted(error: unknown, installer: string): unknown {
  if (!(error instanceof Failed) || error.failure.kind !== 'command') return error;
  const hint = `${installer} refuses this wheel: pin another release of it, or leave \`--installer ${installer}\` out`;
  return new Failed({ ...error.failure, hint });
}

async function commandOf(
  installer: 'pip' | 'uv',
  { wanted, venv, requirements }: { readonly wanted: Wanted; readonly venv: string; readonly requirements: string },
  bench: Bench,
): Promise<Argv> {
  const python = join(venv, 'bin/python');
  const common = ['--no-deps', '--no-index', '--require-hashes', '-r', requirements];
  const alone = ['--offline', '--no-config', '--no-cache', '--link-mode', 'copy'];
  if (installer === 'uv') return ['uv', 'pip', 'install', '--python', python, ...alone, ...common];
  const pip = await pipFor(wanted.interpreter, bench, python);
  return [...pip, 'install', '--no-compile', '--no-warn-script-location', '--no-cache-dir', ...common];
}
