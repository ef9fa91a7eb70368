import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

import { expandEnv } from '../documents/env.ts';
import { type Lockfile, parseLockfile, readLockfile } from '../documents/lockfile.ts';
import { nameIn } from '../documents/ids.ts';
import { readText } from '../documents/json.ts';
import { disk, findPaths, findRoot, type Paths } from '../documents/paths.ts';
import { readVersion, type Version } from '../documents/version.ts';
import { type Around, saysYes } from './around.ts';
import { packageRoot } from './package-root.ts';
import { forSteps, type RemoteFlags, remoteIn } from './remote-settings.ts';
import { limitsFor, type Settings } from './settings.ts';
import { type Meant, whichVersion } from './which-version.ts';

/** A version, and where everything about it is. */
export interface Project {
  readonly root: string;
  readonly version: Version;
  /** Our lockfile that was named instead of the version's own: an absolute path. */
  readonly lockfile?: string;
  /** Where locks of generation 1 were looked for that it is made of: absolute paths. */
  readonly locks?: readonly string[];
  readonly paths: Paths;
  readonly settings: Settings;
  /** What a person should know before anything runs. */
  readonly warnings: readonly string[];
}

/** The flags that decide how a command works, as given. */
export interface Given extends RemoteFlags {
  readonly spec?: string;
  readonly lock?: string;
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
  const { cwd } = around;
  const { path: nearest } = findRoot({ cwd, probe: disk });
  const meant = whichVersion({ root: nearest, cwd }, { ...given, ...(id && { id }) });
  const root = isShipped(meant, nearest) ? packageRoot() : nearest;
  const { version, locks, warnings } = readVersion({ root, cwd, ...meant.version });
  const { lockfile } = meant;
  return projectOf(around, { root, version, locks, warnings, ...(lockfile && { lockfile }) }, given);
}

/** A version that has been read, with the directories and settings it has here. */
export function projectOf(
  around: Around,
  { root, version, warnings, ...documents }: Pick<Project, 'root' | 'version' | 'warnings' | 'lockfile' | 'locks'>,
  given: Given,
): Project {
  const { cwd, environment } = around;
  const flags = {
    ...(given.target && { target: given.target }),
    ...(given['models-dir'] && { modelsDir: given['models-dir'] }),
  };
  const paths = findPaths({ cwd, environment, probe: disk, root, version, flags });
  const wheels = given['wheels-dir']
    ? resolve(cwd, given['wheels-dir'])
    : version.wheels && resolve(root, version.wheels);
  const { variables, unset } = expandEnv(version.env, forSteps(environment));
  const offline = given.offline ?? (version.options.offline || saysYes(environment['COMFY_OFFLINE']));
  const remote = remoteIn(environment, given, offline);
  const settings: Settings = {
    root,
    cache: paths.cache,
    models: paths.models,
    environment: { ...forSteps(environment), ...Object.fromEntries(variables.map(({ name, value }) => [name, value])) },
    offline,
    keepGoing: given['keep-going'] ?? false,
    verify: given.verify ?? false,
    installer: given.installer ?? 'pipeline',
    linkMode: given['link-mode'] ?? 'auto',
    limits: limitsFor(given.jobs, availableParallelism()),
    ...(wheels && { wheels }),
    ...(remote && { remote }),
  };
  const missing = unset.map(({ name, needs }) => `env.${name} is left out: ${needs} is not set`);
  if (version.wheels && wheels && !existsSync(wheels))
    missing.push(`options.wheels_dir is left out: there is no ${wheels}`);
  return {
    root,
    version,
    paths,
    settings,
    ...documents,
    warnings: [...warnings, ...paths.warnings, ...missing],
  };
}

/** The demo ships with this package, for every project that has no version of that name. */
const isShipped = ({ version }: Meant, root: string): boolean =>
  'id' in version && version.id === 'demo' && !existsSync(join(root, 'versions/demo.json'));

/** The lockfile that is meant: the one that was named, else the version's own; undefined when there is none yet. */
export function lockOf({ root, version, lockfile: file }: Project): Lockfile | undefined {
  if (file === undefined) return readLockfile({ root, id: version.id });
  return parseLockfile(readText(file), nameIn(root, file));
}
