import { join } from 'node:path';

import { openRecent } from '#cache';
import { Failed } from '#engine';
import { layoutOf } from '../../tasks/tools/site/layout.ts';
import { openReceipts } from '../../tasks/tools/site/receipts.ts';
import type { Lockfile } from '../documents/lockfile.ts';
import { present } from '../documents/present.ts';
import { readVersion, type Version } from '../documents/version.ts';
import type { Around } from './around.ts';
import { runName } from './facts-of.ts';
import { type Given, type Project, projectOf } from './open-project.ts';
import type { Open } from './open-realized.ts';
import type { Settings } from './settings.ts';
import type { Found } from './which-target.ts';

/**
 * The project that a lockfile is realized in, at a target that is there already. Environment and options are the
 * lockfile's; the version, which may be another by now or gone, only says where things are.
 */
export function projectAt(around: Around, open: Open, lock: Lockfile, given: Given): Project {
  const { root, id, paths, realized } = open;
  const { target, cache } = paths;
  const version = versionOf(open) ?? versionAlone(lock);
  const options = { offline: false, skip_models: wereSkipped(target, realized.lockfile), ...lock.options };
  const python = present({ ...version.python, torch: torchIn(target, open.lock) ?? version.python.torch });
  const installer = installerOf(join(cache, 'recent'), runName(id, target), lock);
  return projectOf(
    around,
    { root, version: { ...version, python, env: lock.env ?? {}, options }, warnings: [] },
    { ...(installer && { installer }), ...given, target },
  );
}

/** The version as its document has it; undefined when there is none, or it cannot be read. */
export function versionOf({ root, id, document }: Found): Version | undefined {
  try {
    return document === undefined ? undefined : readVersion({ root, id }).version;
  } catch (error) {
    if (error instanceof Failed) return undefined;
    throw error;
  }
}

/** A version without a document: what its lockfile says of it. */
export const versionAlone = ({ version_id: id, core, python }: Lockfile): Version => ({
  id,
  core,
  nodes: [],
  models: [],
  python: { version: python.version, extra_index_urls: [], overrides: [], packages: [] },
  env: {},
  options: { offline: false, skip_models: false },
});

/** Whether a target was realized without its models: it was asked for that, and nobody wants it otherwise now. */
function wereSkipped(target: string, lockfile: string): boolean {
  const input = openReceipts(layoutOf(target)).answer('models')?.input as
    | { readonly models?: readonly unknown[] }
    | undefined;
  const { models } = JSON.parse(lockfile) as Pick<Lockfile, 'models'>;
  return models.length > 0 && input?.models?.length === 0;
}

/** Which build of torch a target has, where its lockfile has several. */
function torchIn(target: string, { python }: Lockfile): string | undefined {
  const input = openReceipts(layoutOf(target)).answer('wheels')?.input as
    | { readonly wheels?: readonly { readonly filename: string }[] }
    | undefined;
  const placed = new Set(input?.wheels?.map(({ filename }) => filename));
  // One that is built has no name before.
  return python.platforms.find(({ wheels }) =>
    wheels.every((wheel) => !('filename' in wheel) || placed.has(wheel.filename)),
  )?.torch;
}

/** Who unpacked the wheels when this was realized last: by another installer they would be other files. */
function installerOf(directory: string, run: string, { python }: Lockfile): Settings['installer'] | undefined {
  const recent = openRecent({ directory, run }, { lookup: () => undefined, save: () => undefined });
  for (const wheel of python.platforms.flatMap(({ wheels }) => wheels)) {
    const answer = 'filename' in wheel ? recent.answerOf(`unpack-wheel ${wheel.filename}`) : undefined;
    const input = answer?.input as { readonly installer?: Settings['installer'] } | undefined;
    if (input?.installer !== undefined) return input.installer;
  }
  return undefined;
}
