import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';

import * as z from 'zod/mini';

import { VersionId } from '../../tasks/vocabulary.ts';

import type { Draft } from './draft.ts';
import { addProblem, below, check, type Findings, type Place, refuseProblems } from './findings.ts';
import { readLock } from './generation-1-lock.ts';
import { lockfilePath, nameIn } from './ids.ts';
import { readPipArguments } from './pip-arguments.ts';
import { present } from './present.ts';
import { Directory, Flag, tidy } from './tidy.ts';

/** Where a generation 1 document is read, and what the command line says of its lock. */
export interface Surroundings {
  readonly root: string;
  readonly cwd: string;
  /** The lock to read instead of the one that the document names: an absolute path. */
  readonly lock?: string;
}

const Options = z.object({
  offline: z.optional(Flag),
  skip_models: z.optional(Flag),
  wheels_dir: z.optional(Directory),
  pip_extra_args: z.optional(z.string()),
});

/** The fields of a generation 1 spec, and their other names. */
export const spec = {
  shape: z.object({
    $schema: z.optional(z.string()),
    schema_version: z.optional(z.literal(1)),
    version_id: z.optional(VersionId),
    lock: z.optional(z.string()),
    target: z.optional(Directory),
    options: z.optional(Options),
  }),
  aliases: { id: 'version_id' },
};

/** Reads a generation 1 spec, `{ version_id, lock, target, options }`, and the lock it names. */
export function readGeneration1(from: Surroundings, value: unknown, place: Place, findings: Findings): Draft {
  const { shape, aliases } = spec;
  const fields = tidy(value, { keys: Object.keys(shape.shape), aliases }, place, findings) ?? {};
  const options = readOptions(fields['options'], below(place, 'options'), findings);
  const given = check(z.omit(shape, { options: true }), fields, place, findings);
  const id = given?.version_id ?? check(VersionId, basename(place.file, '.json'), below(place, 'version_id'), findings);
  const locks = from.lock === undefined ? given && findLock(from, given.lock, place, findings) : [from.lock];
  const file = locks?.at(-1);
  // All else is in the lock: what is wrong with the spec is wrong enough.
  if (file === undefined) refuseProblems(findings);
  if (file !== undefined && id !== undefined) refuseOurPlace(from.root, { file, id }, below(place, 'lock'), findings);
  const locked = file === undefined ? { nodes: [], models: [], python: {} } : readLock(from.root, file, findings);
  const { wheels_dir: wheels, pip_extra_args: words, ...switches } = options;
  return present({
    place,
    locks,
    ...locked,
    id,
    target: given?.target,
    wheels,
    env: {},
    options: switches,
    python: { ...locked.python, ...readPipArguments(words, below(place, 'options', 'pip_extra_args'), findings) },
  });
}

/** A version made of a generation 1 lock alone. */
export function readLockAlone(root: string, file: string, id: VersionId, findings: Findings): Draft {
  const place = { file: nameIn(root, file), at: '' };
  refuseOurPlace(root, { file, id }, place, findings);
  return { place, locks: [file], ...readLock(root, file, findings), id, env: {}, options: {} };
}

/** The version that a lock is of by its name, `comfy-<id>.lock.json`; undefined when it has another one. */
export function idOfLock(file: string): string | undefined {
  const id = /^comfy-(.+)\.lock\.json$/.exec(basename(file))?.[1];
  return VersionId.safeParse(id).data;
}

function readOptions(value: unknown, place: Place, findings: Findings) {
  const fields = value === undefined ? {} : tidy(value, { keys: Object.keys(Options.shape) }, place, findings);
  return present((fields && check(Options, fields, place, findings)) ?? {});
}

/** Our own lockfile is written beside the old lock, never over it. */
function refuseOurPlace(
  root: string,
  { file, id }: { readonly file: string; readonly id: VersionId },
  place: Place,
  findings: Findings,
): void {
  if (file !== lockfilePath(root, id)) return;
  addProblem(
    findings,
    place,
    `Our own lockfile of ${id} goes there: rename the lock to lockfiles/comfy-${id}.lock.json`,
  );
}

/** Where the lock that a spec names is looked for, up to where it is: in the project first, then in the working directory. */
function findLock({ root, cwd }: Surroundings, lock: string | undefined, place: Place, findings: Findings) {
  const at = below(place, 'lock');
  if (lock === undefined)
    return addProblem(findings, at, 'Missing: the lock that this version is made of') as undefined;
  const places = [resolve(root, lock), resolve(cwd, lock)];
  const found = places.findIndex((file) => existsSync(file));
  if (found === -1) addProblem(findings, at, `Neither the project nor the working directory has ${lock}`);
  return found === -1 ? undefined : places.slice(0, found + 1);
}
