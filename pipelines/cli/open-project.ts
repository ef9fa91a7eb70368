import { availableParallelism } from 'node:os';

import { Failed } from '#engine';
import { expandEnv } from '../documents/env.ts';
import { type Lockfile, parseLockfile, readLockfile } from '../documents/lockfile.ts';
import { readText } from '../documents/json.ts';
import { disk, findPaths, findRoot, type Paths } from '../documents/paths.ts';
import { readVersion, type Version } from '../documents/version.ts';
import { type Around, saysYes } from './around.ts';
import { limitsFor, type Settings } from './settings.ts';

/** A version, and where everything about it is. */
export interface Project {
  readonly root: string;
  readonly version: Version;
  readonly paths: Paths;
  readonly settings: Settings;
  /** What a person should know before anything runs. */
  readonly warnings: readonly string[];
}

/** The flags that decide how a command works, as given. */
export interface Given {
  readonly spec?: string;
  readonly target?: string;
  readonly 'models-dir'?: string;
  readonly 'wheels-dir'?: string;
  readonly offline?: true;
  readonly jobs?: number;
  readonly 'keep-going'?: true;
  readonly verify?: true;
  readonly installer?: Settings['installer'];
  readonly 'link-mode'?: Settings['linkMode'];
}

/** Reads a version and finds its directories. Throws on bad documents before anything is written. */
export function openProject(around: Around, id: string | undefined, given: Given): Project {
  const { cwd, environment } = around;
  const { path: root } = findRoot({ cwd, probe: disk });
  const { version, warnings } = readVersion({ root, ...whichVersion(id, given) });
  const flags = { ...(given.target && { target: given.target }), ...(given['models-dir'] && { modelsDir: given['models-dir'] }) };
  const paths = findPaths({ cwd, environment, probe: disk, root, version, flags });
  const { variables, unset } = expandEnv(version.env, environment);
  const settings: Settings = {
    root,
    cache: paths.cache,
    models: paths.models,
    environment: { ...environment, ...Object.fromEntries(variables.map(({ name, value }) => [name, value])) },
    offline: given.offline ?? (version.options.offline || saysYes(environment['COMFY_OFFLINE'])),
    keepGoing: given['keep-going'] ?? false,
    verify: given.verify ?? false,
    installer: given.installer ?? 'pipeline',
    linkMode: given['link-mode'] ?? 'auto',
    limits: limitsFor(given.jobs, availableParallelism()),
    ...(given['wheels-dir'] && { wheels: given['wheels-dir'] }),
  };
  const missing = unset.map(({ name, needs }) => `env.${name} is left out: ${needs} is not set`);
  return { root, version, paths, settings, warnings: [...warnings, ...paths.warnings, ...missing] };
}

function whichVersion(id: string | undefined, { spec }: Given): { readonly id: string } | { readonly file: string } {
  if (spec !== undefined) return { file: spec };
  if (id !== undefined) return { id };
  throw new Failed({ kind: 'usage', problem: 'Which version?', hint: 'write `pipeline realize <id>`' });
}

/** The lockfile of a project's version, or the one in `file`; undefined when there is none yet. */
export function lockOf({ root, version }: Project, file?: string): Lockfile | undefined {
  return file === undefined ? readLockfile({ root, id: version.id }) : parseLockfile(readText(file), file);
}
