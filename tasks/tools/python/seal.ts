import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

import { type Content, contentOf } from '#cache';
import type { Interpreter } from '#engine';

import { writeFile } from '../write-file.ts';
import { recordOf, renderRecord } from './record.ts';
import { entryPointScript } from './scripts.ts';
import { sitePackagesOf } from './venv.ts';
import type { Bench, OpenWheel } from './wheel.ts';

/**
 * Finishes a wheel whose files lie below `into`: writes its commands, byte-compiles it, and writes the INSTALLER and the RECORD by
 * which other tools list and uninstall it. `files` is what is in them by path below `into`; so is the answer, without what was
 * compiled.
 */
export async function sealWheel(
  {
    into,
    interpreter,
    installer,
  }: { readonly into: string; readonly interpreter: Interpreter; readonly installer: string },
  { wheel, files }: { readonly wheel: OpenWheel; readonly files: ReadonlyMap<string, Content> },
  bench: Bench,
): Promise<ReadonlyMap<string, Content>> {
  const site = sitePackagesOf(interpreter);
  const installed = new Map(files);
  const write = (place: string, text: string, mode: number): void => {
    const path = join(into, place);
    const bytes = Buffer.from(text);
    mkdirSync(dirname(path), { recursive: true });
    writeFile(path, bytes);
    chmodSync(path, mode);
    installed.set(place, contentOf(bytes));
  };
  for (const entry of wheel.entryPoints) write(`bin/${entry.name}`, entryPointScript(entry), 0o755);
  write(`${site}/${wheel.parts.distInfo}/INSTALLER`, `${installer}\n`, 0o644);
  const sources = [...installed].filter(([place]) => place.startsWith(`${site}/`) && place.endsWith('.py'));
  await bench.compile({ into, sources: sources.map(([path, { size }]) => ({ path, size })), interpreter });
  const compiled = sources
    .map(([path]) => join(dirname(path), '__pycache__', `${basename(path, '.py')}.${interpreter.cacheTag}.pyc`))
    .filter((path) => existsSync(join(into, path)));
  // A wheel may bring what is compiled here.
  for (const path of compiled) installed.delete(path);
  const record = `${site}/${wheel.parts.distInfo}/RECORD`;
  const hashed = [...installed].map(([place, content]) => ({ place, ...recordOf(content) }));
  // A RECORD counts from where packages live.
  const lines = [...hashed, ...[...compiled, record].map((place) => ({ place }))].map(({ place, ...line }) => ({
    ...line,
    path: relative(`/${site}`, `/${place}`),
  }));
  writeFile(join(into, record), renderRecord(lines));
  return installed;
}
