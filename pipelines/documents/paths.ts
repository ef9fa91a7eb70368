import { accessSync, constants, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** What the rules below ask of the disk. */
export interface Probe {
  exists(path: string): boolean;
  isWritableDirectory(path: string): boolean;
}

/** Where the command was given, and by whom. */
export interface Circumstances {
  /** The working directory, absolute. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly probe: Probe;
}

/** A directory, absolute, and the rule that chose it, in words. */
export interface Choice {
  readonly path: string;
  readonly because: string;
}

/** The probe of the real disk. */
export const disk: Probe = {
  exists: (path) => statSync(path, { throwIfNoEntry: false }) !== undefined,
  isWritableDirectory(path) {
    try {
      // Mostly there is none, and to be told so by an error takes its time.
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
      accessSync(path, constants.W_OK | constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
};

/** Where pods mount their network volume, the first that is there and writable wins. */
const volumes = ['/runpod-volume', '/workspace'];

const usableVolume = ({ probe }: Circumstances): string | undefined =>
  volumes.find((volume) => probe.isWritableDirectory(volume));

/** The first rule that says something. A rule is silent when what it reads is not set, or empty. */
function firstOf(
  from: string,
  ...rules: readonly (readonly [path: string | undefined, because: string])[]
): Choice | undefined {
  const rule = rules.find(([path]) => path !== undefined && path !== '');
  return rule && { path: resolve(from, rule[0]!), because: rule[1] };
}

/** The project root: the nearest directory with `versions/`, from the working directory upwards; else the working directory. */
export function findRoot({ cwd, probe }: Pick<Circumstances, 'cwd' | 'probe'>): Choice {
  for (let path = cwd; ; path = dirname(path)) {
    if (probe.exists(join(path, 'versions'))) return { path, because: 'has versions/' };
    if (path === dirname(path)) return { path: cwd, because: 'working directory, without versions/ in it or above' };
  }
}

/** Where the store and everything else that is shared between versions is kept. */
export function findCache(around: Circumstances): Choice {
  const { COMFY_CACHE_ROOT: chosen, XDG_CACHE_HOME: xdg = '', HOME: home } = around.environment;
  const volume = usableVolume(around);
  return (
    firstOf(
      around.cwd,
      [chosen, '$COMFY_CACHE_ROOT'],
      [volume && join(volume, 'cache/runpod-comfy'), `${volume} is writable`],
      // The XDG specification ignores relative paths.
      [isAbsolute(xdg) ? join(xdg, 'runpod-comfy') : undefined, '$XDG_CACHE_HOME'],
      [home && join(home, '.cache/runpod-comfy'), '$HOME'],
    ) ?? { path: join(around.cwd, '.cache/runpod-comfy'), because: '$HOME is not set' }
  );
}

/** Every directory a command about a version works on, absolute, and in words the rule that chose it. */
export interface Paths {
  readonly target: string;
  readonly models: string;
  readonly cache: string;
  readonly because: Readonly<Record<'target' | 'models' | 'cache', string>>;
  readonly warnings: readonly string[];
}

/** The directories for a version: one rule for all commands. Looks at the disk only through the probe. */
export function findPaths(
  question: Circumstances & {
    readonly root: string;
    readonly version: { readonly id: string; readonly target?: string };
    readonly flags: { readonly target?: string; readonly modelsDir?: string };
  },
): Paths {
  const { cwd, root, version, flags, environment } = question;
  const volume = usableVolume(question);
  const cache = findCache(question);
  const target =
    firstOf(cwd, [flags.target, '--target']) ??
    firstOf(root, [version.target, 'the version says so']) ??
    firstOf(cwd, [environment['COMFY_HOME'], '$COMFY_HOME']) ??
    (volume === undefined ? targetAtHome(version.id, question) : targetOnVolume(volume, version.id, question));
  const models = firstOf(
    cwd,
    [flags.modelsDir, '--models-dir'],
    [environment['MODELS_DIR'], '$MODELS_DIR'],
    [volume && join(volume, 'models'), `${volume} is writable`],
  ) ?? { path: join(cache.path, 'models'), because: 'in the cache' };
  const shared = `$COMFY_HOME names one directory for every version: ${target.path} becomes ${version.id}. Give --target to keep versions apart`;
  return {
    target: target.path,
    models: models.path,
    cache: cache.path,
    because: { target: target.because, models: models.because, cache: cache.because },
    warnings: target.because === '$COMFY_HOME' ? [shared] : [],
  };
}

/** A directory of the first tools is used where it is; new ones go below `builds/`. */
function targetOnVolume(volume: string, id: string, { probe }: Circumstances): Choice {
  const build = join(volume, 'builds', `comfy-${id}`);
  const old = join(volume, `comfy-${id}`);
  if (!probe.exists(build) && probe.exists(old)) return { path: old, because: 'is there already' };
  return { path: build, because: `${volume} is writable` };
}

function targetAtHome(id: string, { cwd, environment: { HOME: home }, probe }: Circumstances): Choice {
  if (home && probe.isWritableDirectory(home)) return { path: join(home, `comfy-${id}`), because: '$HOME' };
  return { path: join(cwd, `comfy-${id}`), because: 'working directory, as $HOME cannot be written' };
}
