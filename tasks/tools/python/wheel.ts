import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Content } from '#cache';
import { type Archive, Failed, type Python } from '#engine';

import type { Environment, Shell } from '../shell.ts';
import type { Compile } from './compile.ts';
import { demandFree, layOut, type Parts, partsOf } from './layout.ts';
import { type EntryPoint, parseEntryPoints, pipCommands } from './scripts.ts';
import { demandDigest, verifyUnpacked } from './verify.ts';
import { demandFit, minorOf, normalName, parseWheelName, type WheelName } from './wheel-name.ts';

/** What is asked of `unpackWheel`. */
export type Wanted = Parameters<Python['unpackWheel']>[0];

/** What every installer of wheels works with. */
export interface Bench {
  readonly shell: Shell;
  readonly archive: Archive;
  readonly environment: Environment;
  readonly compile: Compile;
}

/** A wheel that was unpacked whole into one directory and holds what it promises. */
export interface OpenWheel {
  readonly name: WheelName;
  readonly parts: Parts;
  readonly entryPoints: readonly EntryPoint[];
  /** Where each file goes below an environment, by its path in the wheel. */
  readonly places: ReadonlyMap<string, string>;
  /** What is in each file, by its path in the wheel. */
  readonly contents: ReadonlyMap<string, Content>;
}

/**
 * Unpacks a wheel into `directory` (absent) and checks all of it: the pinned digest, the interpreter it is for, the archive, its
 * RECORD, and that every file and command has a place of its own. Throws `integrity` or `refused`; nothing was run.
 */
export async function openWheel(wanted: Wanted, directory: string, archive: Archive): Promise<OpenWheel> {
  const name = parseWheelName(wanted.filename);
  const { interpreter } = wanted;
  demandFit(name, interpreter);
  await demandDigest(wanted.wheel, name, wanted.sha256);
  mkdirSync(dirname(directory), { recursive: true });
  const contents = await archive
    .unpack({ file: wanted.wheel, into: directory, kind: 'wheel' })
    .catch((error: unknown) => {
      throw named(error, wanted);
    });
  const files = [...contents.keys()];
  const parts = partsOf(files, name);
  await verifyUnpacked(directory, { contents, parts, wheel: name });
  const declared = join(directory, parts.distInfo, 'entry_points.txt');
  const asDeclared = existsSync(declared) ? parseEntryPoints(readFileSync(declared, 'utf8'), name.filename) : [];
  const entryPoints =
    normalName(name.name) === 'pip' ? pipCommands(asDeclared, minorOf(interpreter.version)) : asDeclared;
  const commands = new Set(entryPoints.map((entry) => `${parts.data}/scripts/${entry.name}`));
  const unwanted = new Set(
    ['RECORD', 'INSTALLER', 'REQUESTED', 'direct_url.json'].map((file) => `${parts.distInfo}/${file}`),
  );
  // A command that is declared replaces a script of its name; what an installer says of itself is ours to say.
  const places = layOut(
    files.filter((file) => !commands.has(file)),
    name,
    interpreter,
  );
  demandFree([...places.values(), ...entryPoints.map((entry) => `bin/${entry.name}`)], name);
  return { name, parts, entryPoints, contents, places: new Map([...places].filter(([file]) => !unwanted.has(file))) };
}

/** A refusal that calls the wheel by its name, not by where it happens to be stored. */
function named(error: unknown, { wheel, filename }: Wanted): unknown {
  if (!(error instanceof Failed) || error.failure.kind !== 'refused') return error;
  return new Failed({ ...error.failure, what: error.failure.what.replace(wheel, filename) });
}
