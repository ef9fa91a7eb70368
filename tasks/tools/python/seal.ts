import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

import type { Interpreter } from '#engine';

import { writeFile } from '../write-file.ts';
import { recordHash, type RecordLine, renderRecord } from './record.ts';
import { entryPointScript } from './scripts.ts';
import { sitePackagesOf } from './venv.ts';
import type { Bench, OpenWheel } from './wheel.ts';

/**
 * Finishes a wheel whose files lie below `into`: writes its commands, byte-compiles it, and writes the INSTALLER and the RECORD by
 * which other tools list and uninstall it. `files` are digest and size by path below `into`.
 */
export async function sealWheel(
  {
    into,
    interpreter,
    installer,
  }: { readonly into: string; readonly interpreter: Interpreter; readonly installer: string },
  { wheel, files }: { readonly wheel: OpenWheel; readonly files: ReadonlyMap<string, Omit<RecordLine, 'path'>> },
  bench: Bench,
): Promise<void> {
  const site = sitePackagesOf(interpreter);
  const installed = new Map(files);
  const write = async (place: string, text: string, mode: number): Promise<void> => {
    const path = join(into, place);
    mkdirSync(dirname(path), { recursive: true });
    writeFile(path, text);
    chmodSync(path, mode);
    installed.set(place, await recordHash(path));
  };
  for (const entry of wheel.entryPoints) await write(`bin/${entry.name}`, entryPointScript(entry), 0o755);
  await write(`${site}/${wheel.parts.distInfo}/INSTALLER`, `${installer}\n`, 0o644);
  const sources = [...installed.keys()].filter((place) => place.startsWith(`${site}/`) && place.endsWith('.py'));
  await bench.compile({ into, sources, interpreter });
  for (const source of sources) {
    const compiled = join(dirname(source), '__pycache__', `${basename(source, '.py')}.${interpreter.cacheTag}.pyc`);
    if (existsSync(join(into, compiled))) installed.set(compiled, {});
  }
  const record = `${site}/${wheel.parts.distInfo}/RECORD`;
  // A RECORD counts from where packages live.
  const lines = [...installed, [record, {}] as const].map(([place, line]) => ({
    ...line,
    path: relative(`/${site}`, `/${place}`),
  }));
  writeFile(join(into, record), renderRecord(lines));
}
