import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { pipFor } from '../../tasks/tools/python/pip.ts';
import { parseRecord } from '../../tasks/tools/python/record.ts';
import { type Bench, type Ended, openBench } from '../e2e/rig.ts';
import { makeRepository } from '../rig/git-server.ts';
import { listing, pythonRoom } from '../rig/python.ts';

/** Wheels, installed by each of three into an environment of its own. */
export interface Installed extends Disposable {
  readonly ours: string;
  /** uv's is absent where there is no uv. */
  readonly theirs: { readonly pip: string; readonly uv?: string };
  /** Runs pip on one of the environments, with nobody's settings; answers what it printed, whatever its exit code. */
  pip(venv: string, ...args: readonly string[]): Promise<string>;
  /** Realizes ours once more. */
  realize(): Promise<Ended>;
}

const run = promisify(execFile);

/** No settings of whoever runs the test, and no index. */
const alone = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LANG: 'C.UTF-8',
  PIP_CONFIG_FILE: '/dev/null',
  PIP_NO_INDEX: '1',
  PIP_NO_CACHE_DIR: '1',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
};

/** Installs wheels (absolute paths) three times. Rejects when there is no pip. */
export async function install(wheels: readonly string[], uv: string | undefined): Promise<Installed> {
  const bench = openBench();
  using room = pythonRoom();
  const interpreter = await room.interpreter();
  const emptyVenv = async (name: string): Promise<string> => {
    await run(interpreter.path, ['-m', 'venv', '--without-pip', bench.at(name)]);
    return bench.at(name);
  };
  const pip: Installed['pip'] = async (venv, ...args) => {
    const [program, ...rest] = await pipFor(interpreter, room, join(venv, 'bin/python'));
    const { stdout, stderr } = await run(program, [...rest, ...args], { env: alone, maxBuffer: 64 << 20 }).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    return stdout + stderr;
  };
  const pips = await emptyVenv('pips');
  await pip(pips, 'install', '--quiet', '--no-deps', '--no-compile', ...wheels);
  if (uv !== undefined) {
    const args = ['--python', join(await emptyVenv('uvs'), 'bin/python'), '--offline', '--no-config', '--no-cache'];
    await run(uv, ['pip', 'install', '--quiet', ...args, '--no-index', '--no-deps', ...wheels], { env: alone });
  }
  await lock(bench, wheels);
  const realize: Installed['realize'] = () => bench.realize('wheels', [], { env: { COMFY_PYTHON: interpreter.path } });
  const { summary, stdout } = await realize();
  if (!summary.ok) throw new Error(stdout);
  return {
    ours: join(bench.target, '.venv'),
    theirs: { pip: pips, ...(uv !== undefined && { uv: bench.at('uvs') }) },
    pip,
    realize,
    [Symbol.dispose]: () => bench[Symbol.dispose](),
  };
}

/** Locks a version with these wheels and nothing else. */
async function lock(bench: Bench, wheels: readonly string[]): Promise<void> {
  const core = await makeRepository(bench.project, 'core');
  const commit = await core.commit({ 'main.py': '' });
  const pins = wheels.map((wheel) => {
    const [name, version] = basename(wheel).split('-');
    const sha256 = hash('sha256', readFileSync(wheel));
    return { name, version, filename: basename(wheel), url: pathToFileURL(wheel).href, sha256, wanted_by: ['core'] };
  });
  bench.lock('wheels', {
    core: { repo: './core', ref: 'refs/heads/main', commit },
    nodes: [],
    python: { version: '3', platforms: [{ platform: 'any', wheels: pins }] },
    models: [],
  });
}

/** What each installer says of itself, and where a package came from. */
const whose = /\.dist-info\/(?:INSTALLER|REQUESTED|direct_url\.json|uv_[a-z]+\.json)$/;
/** Bytecode, and what a virtual environment has before anything is installed. */
const nobodys =
  /\.pyc$|^(?:pyvenv\.cfg|lib64|lib64\/.*|\.lock|\.gitignore|CACHEDIR\.TAG|bin\/(?:python[\d.]*|activate(?:_this\.py|\.\w+)?|Activate\.ps1|(?:de|py)activate\.bat))$/;

/**
 * What was installed below a virtual environment: each file as whether it may be run, and its hash; a command as what it calls;
 * a RECORD as its lines.
 */
export const installedIn = (venv: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(listing(venv)).flatMap(([path, what]) => {
      if (nobodys.test(path) || whose.test(path)) return [];
      if (path.startsWith('bin/')) return [[path, commandOf(readFileSync(join(venv, path))) ?? what]];
      return [[path, path.endsWith('.dist-info/RECORD') ? recordOf(venv, path) : what]];
    }),
  );

/** What a script calls that an installer wrote; of one that a package brings all but the line that names the interpreter. */
function commandOf(script: Buffer): string | undefined {
  const text = script.toString('latin1');
  const [, module, name] = /^from ([\w.]+) import (\w+)$/m.exec(text) ?? [];
  const [, called] = /^ {4}sys\.exit\((\S+)\(\)\)\s*$/m.exec(text) ?? [];
  if (name !== undefined && called?.split('.')[0] === name && text.length < 1000) return `${module}:${called}`;
  return /^#!.*python/.test(text) ? hash('sha256', script.subarray(script.indexOf('\n'))) : undefined;
}

/**
 * The files that a RECORD lists, counted from the environment, but bytecode and what installers write. pip lists a package's
 * script although it did not place it, where a command of the same name took its place.
 */
const recordOf = (venv: string, file: string): readonly string[] =>
  parseRecord(readFileSync(join(venv, file), 'utf8'))
    .map(({ path }) => normalize(join(dirname(file), '..', path)))
    .filter((path) => !nobodys.test(path) && !whose.test(path) && !path.includes('.data/scripts/'))
    .toSorted();

/** The lines of all RECORDs below an environment that are not true: another hash, another size, no such file. */
export const untrueRecords = (venv: string): readonly string[] =>
  globSync(join(venv, 'lib/*/site-packages/*.dist-info/RECORD')).flatMap((file) =>
    parseRecord(readFileSync(file, 'utf8')).flatMap(({ path, hash: digest, size }) => {
      const at = join(dirname(file), '..', path);
      if (digest === undefined) return existsSync(at) ? [] : [path];
      const bytes = readFileSync(at);
      return digest === `sha256=${hash('sha256', bytes, 'base64url')}` && size === bytes.length ? [] : [path];
    }),
  );

/** What Python itself finds in an environment. */
export interface Found {
  /** Every package and module that is not inside another: `ok`, or what importing it raised. */
  readonly imports: Readonly<Record<string, string>>;
  readonly entryPoints: readonly (readonly [group: string, name: string, value: string, distribution: string])[];
  readonly distributions: Readonly<Record<string, string>>;
  /** The search path below the environment, as `.pth` files made it. */
  readonly path: readonly string[];
}

/** Asks the Python of an environment. */
export async function foundIn(venv: string): Promise<Found> {
  const { stdout } = await run(join(venv, 'bin/python'), ['-B', '-c', question], { env: alone, maxBuffer: 64 << 20 });
  return JSON.parse(stdout.split('\n').findLast((line) => line.startsWith('{')) ?? '{}') as Found;
}

const question = `
import importlib, importlib.metadata, json, os, sys, warnings
warnings.simplefilter('ignore')
prefix = sys.prefix + os.sep
path = [entry[len(prefix):] for entry in sys.path if entry.startswith(prefix)]
distributions = list(importlib.metadata.distributions())
files = {str(file) for one in distributions for file in one.files or ()}
roots = set()
for file in files:
    parts = file.split('/')
    if parts[0] in ('..', '__pycache__') or parts[0].endswith(('.dist-info', '.pth')) or '.data' in parts[0]:
        continue
    if not file.endswith(('.py', '.so')):
        continue
    for depth in range(1, len(parts)):
        if '/'.join(parts[:depth]) + '/__init__.py' in files:
            roots.add('.'.join(parts[:depth]))
            break
    else:
        roots.add('.'.join(parts[:-1] + [parts[-1].split('.')[0]]))
def outcome(name):
    try:
        importlib.import_module(name)
        return 'ok'
    except BaseException as error:
        return type(error).__name__
print('\\n' + json.dumps({
    'imports': {name: outcome(name) for name in sorted(roots)},
    'entryPoints': sorted([p.group, p.name, p.value, one.name] for one in distributions for p in one.entry_points),
    'distributions': {one.name: one.version for one in sorted(distributions, key=lambda one: one.name)},
    'path': path,
}))
`;

/** uv: the one that is named, that of PATH, or the one among wheels that were unpacked. */
export function findUv(...unpacked: readonly string[]): string | undefined {
  const usual = (process.env['PATH'] ?? '').split(':').map((directory) => join(directory, 'uv'));
  const brought = unpacked.flatMap((directory) => globSync(join(directory, 'uv-*.data/scripts/uv')));
  return [process.env['UV'] ?? '', ...usual, ...brought].find((path) => path !== '' && existsSync(path));
}
