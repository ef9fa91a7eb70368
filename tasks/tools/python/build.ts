import { cpSync, existsSync, mkdirSync, mkdtempDisposableSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';

import { Failed, type Interpreter, type Python } from '#engine';

import type { Environment, Shell } from '../shell.ts';
import { backendProgram } from './backend.ts';
import { localEnvironment } from './environment.ts';
import { type BuildSystem, readBuildSystem } from './pyproject.ts';
import { writeVenv } from './venv.ts';
import { parseWheelName } from './wheel-name.ts';

/** What building takes of this machine. */
export interface Yard {
  readonly shell: Shell;
  readonly environment: Environment;
  readonly interpreter: Interpreter;
}

/** A source that lies open: its directory is nobody else's, so that a builder may write into it. */
export interface OpenSource {
  readonly root: string;
  readonly system: BuildSystem;
}

/** Lays a source out below `into` (absent): an archive unpacked, a directory copied. Nothing of it runs. */
export async function openSource(
  { path, subdirectory = '' }: { readonly path: string; readonly subdirectory?: string },
  into: string,
  yard: Yard,
): Promise<OpenSource> {
  mkdirSync(dirname(into), { recursive: true });
  let top = '.';
  if (statSync(path).isDirectory()) cpSync(path, into, { recursive: true, verbatimSymlinks: true });
  else {
    mkdirSync(into);
    const asked = { verb: 'unpack', archive: path, into };
    top = z.string().parse(await ask(asked, { cwd: into, python: yard.interpreter.path }, yard));
  }
  const root = join(into, top, subdirectory);
  if (!`${root}/`.startsWith(`${into}/`) || !existsSync(root))
    throw new Failed({ kind: 'absent', what: `The directory ${subdirectory} of the source` });
  const pyproject = join(root, 'pyproject.toml');
  return { root, system: readBuildSystem(existsSync(pyproject) ? readFileSync(pyproject, 'utf8') : '') };
}

/** An environment below `into` with nothing but these trees of unpacked wheels in it: what a builder needs, isolated. */
export function layOutTools(
  tools: readonly string[],
  into: string,
  { interpreter }: Pick<Yard, 'interpreter'>,
): string {
  writeVenv({ interpreter, into });
  for (const tree of tools) cpSync(tree, into, { recursive: true, verbatimSymlinks: true, force: true });
  return into;
}

/** What else a builder wants before it builds, as requirement lines. */
export const buildRequires = async (source: OpenSource, venv: string, yard: Yard): Promise<readonly string[]> =>
  z.array(z.string()).parse(await askBuilder('requires', { source, venv }, yard));

/** What a wheel of this source will say of itself: the text of its METADATA. `into` is an empty directory. */
export const buildMetadata = async (source: OpenSource, venv: string, into: string, yard: Yard): Promise<string> =>
  z.string().parse(await askBuilder('metadata', { source, venv, into }, yard));

/** Builds one wheel below `into` (absent) in an environment of its own. Answers its file name. */
export async function buildWheel(
  { source, tools, interpreter, into }: Parameters<Python['buildWheel']>[0],
  bench: Omit<Yard, 'interpreter'>,
): Promise<{ readonly filename: string }> {
  const yard = { ...bench, interpreter };
  mkdirSync(into, { recursive: true });
  using temporary = mkdtempDisposableSync(`${into}.`);
  const open = await openSource(source, join(temporary.path, 'source'), yard);
  const venv = layOutTools(tools, join(temporary.path, 'venv'), yard);
  const filename = z.string().parse(await askBuilder('wheel', { source: open, venv, into }, yard));
  return { filename: parseWheelName(filename).filename };
}

interface Order {
  readonly source: OpenSource;
  readonly venv: string;
  readonly into?: string;
}

const askBuilder = (
  verb: 'requires' | 'metadata' | 'wheel',
  { source: { root, system }, venv, into }: Order,
  yard: Yard,
): Promise<unknown> => ask({ verb, into, ...system }, { cwd: root, python: join(venv, 'bin/python'), venv }, yard);

/** What the program is told. */
interface Asked {
  readonly verb: string;
  readonly backend?: string;
  readonly [field: string]: unknown;
}

async function ask(
  asked: Asked,
  { cwd, python, venv }: { readonly cwd: string; readonly python: string; readonly venv?: string },
  { shell, environment }: Yard,
): Promise<unknown> {
  using home = mkdtempDisposableSync(`${cwd}.`);
  const answer = join(home.path, 'answer.json');
  const argv = [python, '-s', '-c', backendProgram, JSON.stringify(asked), answer] as const;
  await shell.run(argv, { cwd, environment: secluded(environment, home.path, venv) }).catch((error: unknown) => {
    throw broken(error, asked);
  });
  return JSON.parse(readFileSync(answer, 'utf8'));
}

/** What failed, by its own name. Its output says why. */
function broken(error: unknown, { verb, backend }: Asked): unknown {
  if (!(error instanceof Failed) || error.failure.kind !== 'command') return error;
  const command = backend === undefined ? 'Unpacking the source' : `The builder ${backend} (${verb})`;
  const hint =
    'it may want a compiler or libraries of this machine, or a wheel of it in python_packages saves building it';
  return new Failed({ ...error.failure, command, ...(backend === undefined ? {} : { hint }) });
}

/** Where compilers and libraries for graphics cards are, and how many may run: none of it changes what is built. */
const places = /^(?:CC|CXX|CUDA_HOME|CUDA_PATH|ROCM_HOME|ROCM_PATH|MAX_JOBS|PKG_CONFIG_PATH)$/;
/** Nobody listens there: a builder that fetches what nobody pinned fails instead. */
const nowhere = 'http://127.0.0.1:9';

/** What a builder sees of this machine: programs and libraries, no settings of the user's, no home, no network. */
const secluded = (environment: Environment, home: string, venv: string | undefined): Environment => ({
  ...localEnvironment(environment),
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => places.test(name))),
  ...(venv === undefined ? {} : { VIRTUAL_ENV: venv, PATH: `${join(venv, 'bin')}:${environment['PATH'] ?? ''}` }),
  HOME: home,
  TMPDIR: home,
  // The first moment that zip files know, so that the same source makes the same wheel.
  SOURCE_DATE_EPOCH: '315532800',
  PIP_CONFIG_FILE: '/dev/null',
  PIP_NO_INDEX: '1',
  UV_OFFLINE: '1',
  ...Object.fromEntries(
    ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'].map((name) => [name, nowhere]),
  ),
});
