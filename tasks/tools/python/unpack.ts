import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { type Content, contentOf } from '#cache';

import { writeFile } from '../write-file.ts';
import { movableScript } from './scripts.ts';
import { sealWheel } from './seal.ts';
import { sitePackagesOf } from './venv.ts';
import { type Bench, openWheel, type Wanted } from './wheel.ts';

/**
 * Lays out one wheel below `into` without any installer, and answers what is in its files, as far as they were hashed on the way.
 * The same wheel and interpreter give the same bytes in every place.
 */
export async function unpackWheel(wanted: Wanted, bench: Bench): Promise<ReadonlyMap<string, Content>> {
  const { into, interpreter } = wanted;
  const site = sitePackagesOf(interpreter);
  // Most of a wheel belongs here as it is; the rest moves away.
  const unpacked = join(into, site);
  const wheel = await openWheel(wanted, unpacked, bench.archive);
  const { data, distInfo } = wheel.parts;
  const files = new Map<string, Content>();
  for (const [file, place] of wheel.places) {
    const path = join(into, place);
    if (file.startsWith(`${data}/`)) {
      mkdirSync(dirname(path), { recursive: true });
      renameSync(join(unpacked, file), path);
    }
    const isScript = file.startsWith(`${data}/scripts/`);
    files.set(place, isScript ? makeMovable(path) : wheel.contents.get(file)!);
  }
  rmSync(join(unpacked, data), { recursive: true, force: true });
  for (const file of wheel.contents.keys())
    if (file.startsWith(`${distInfo}/`) && !wheel.places.has(file)) rmSync(join(unpacked, file));
  return sealWheel({ into, interpreter, installer: 'pipeline' }, { wheel, files }, bench);
}

function makeMovable(path: string): Content {
  const script = readFileSync(path);
  const movable = movableScript(script);
  if (movable !== script) writeFile(path, movable);
  chmodSync(path, 0o755);
  return contentOf(movable);
}
