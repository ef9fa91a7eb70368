import { existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import { programFromPyPI, python } from './larder.ts';
import type { Subject } from './stopwatch.ts';
import { launcher, type World } from './world.ts';

type Command = Omit<Subject, 'name'>;
type Installer = 'pip' | 'uv';

/** uv, from PyPI or from PATH; undefined where there is none. */
export const uv = (): string | undefined => programFromPyPI('uv', 'uv==0.13.8');

/** `pipeline realize` of a lockfile. `target` is a name below the world. */
export const realize = (
  { root, environment }: World,
  { lock, target, more = [] }: { readonly lock: string; readonly target: string; readonly more?: readonly string[] },
): Command => ({
  argv: [
    process.execPath,
    launcher,
    'realize',
    'bench',
    '--lock',
    lock,
    '--target',
    join(root, target),
    '--json',
    ...more,
  ],
  cwd: root,
  environment: { ...environment, COMFY_PYTHON: python },
});

/** The script, with one of the installers. `flags` go to it. */
export const script = (
  { root }: World,
  {
    lists,
    target,
    installer,
    flags,
  }: {
    readonly lists: string;
    readonly target: string;
    readonly installer: Installer;
    readonly flags: readonly string[];
  },
): Command => ({
  argv: [join(import.meta.dirname, 'script.sh'), lists, join(root, target)],
  cwd: root,
  environment: { ...settings(root), PYTHON: python, UV: uv() ?? '', INSTALLER: installer, FLAGS: flags.join(' ') },
});

const venvOf = (root: string, installer: Installer): string => join(root, `venv-${installer}`);

/** An environment for `installFrom`. */
export const emptyVenv = ({ root }: World, installer: Installer): Command => ({
  argv: [python, '-m', 'venv', '--without-pip', venvOf(root, installer)],
});

/** An installer by itself, on a file of requirements; undefined where it is not here. */
export function installFrom(
  { root }: World,
  {
    installer,
    index,
    requirements,
  }: { readonly installer: Installer; readonly index: string; readonly requirements: string },
): Command | undefined {
  const program = installer === 'pip' ? python : uv();
  if (program === undefined) return undefined;
  const interpreter = join(venvOf(root, installer), 'bin/python');
  const which =
    installer === 'pip'
      ? ['-m', 'pip', '--python', interpreter, 'install']
      : ['pip', 'install', '--python', interpreter, '--compile-bytecode'];
  const flags = ['--quiet', '--no-deps', '--index-url', index, '--requirement', requirements];
  return { argv: [program, ...which, ...flags], cwd: root, environment: settings(root) };
}

/** The environment of both installers. pip would write its cache for nothing; uv links what it has in its own. */
const settings = (root: string) => ({
  HOME: root,
  UV_CACHE_DIR: join(root, 'uv-cache'),
  PIP_CONFIG_FILE: '/dev/null',
  PIP_NO_CACHE_DIR: '1',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
});

/**
 * Puts things below the world away, until the world goes: where thousands of files were just removed, some file systems make
 * new ones many times slower for minutes.
 */
export const without =
  ({ root }: World, ...names: readonly string[]) =>
  (): void => {
    mkdirSync(join(root, 'away'), { recursive: true });
    const away = mkdtempSync(join(root, 'away/'));
    for (const name of names) if (existsSync(join(root, name))) renameSync(join(root, name), join(away, name));
  };
