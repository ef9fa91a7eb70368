import { hash } from 'node:crypto';
import { cpSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { makeRepository } from '../test/rig/git-server.ts';
import { makeWheel } from '../test/rig/wheels.ts';
import { zip } from '../test/rig/zip.ts';
import { fromPyPI } from './larder.ts';
import type { World } from './world.ts';

/** A repository below `repositories`; its commits, oldest first. */
export interface Repository {
  readonly name: string;
  readonly commits: readonly string[];
}

/** A file below `files`. */
export interface File {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/** A file that is the release of a package. */
export interface Release extends File {
  readonly name: string;
  readonly version: string;
}

/** What versions of ComfyUI environments are made of. */
export interface Parts {
  readonly core: Repository;
  readonly nodes: readonly Repository[];
  /** Nodes of the registry; of each all releases, oldest first. */
  readonly packs: readonly (readonly Release[])[];
  readonly wheels: readonly Release[];
  readonly models: readonly File[];
  /** Whether the wheels are those of `wheels.txt`, not made up. */
  readonly areReal: boolean;
}

/** How much there is of everything. */
export interface Amount {
  readonly coreFiles: number;
  readonly models: number;
  readonly modelBytes: number;
  /** How many wheels are made up, and how many modules each has; without it, they are those of `wheels.txt`. */
  readonly madeUp?: { readonly wheels: number; readonly modules: number };
}

/** About what people have, but for torch and the size of models: 58 wheels of 157 MB with 11,600 files. */
export const usual: Amount = { coreFiles: 600, models: 6, modelBytes: 16 << 20 };

/** Makes the parts, where the servers of a world look for them. */
export async function makeParts(world: World, { coreFiles, models, modelBytes, madeUp }: Amount): Promise<Parts> {
  const nodes = Array.from({ length: 6 }, (_, n) => repository(world, `node-${n}`, { files: 60, commits: 6 }));
  const found = madeUp === undefined ? realWheels(world) : undefined;
  return {
    core: await repository(world, 'core', { files: coreFiles, commits: 20 }),
    nodes: await Promise.all(nodes),
    packs: [0, 1].map((n) => ['1.0.0', '1.1.0'].map((version) => pack(world, `pack-${n}`, version))),
    wheels: found ?? madeUpWheels(world, madeUp ?? { wheels: 58, modules: 150 }),
    models: Array.from({ length: models }, (_, n) => model(world, n, modelBytes)),
    areReal: found !== undefined,
  };
}

/** A repository with a history: each commit after the first changes a twentieth of its files. */
async function repository(
  { root }: World,
  name: string,
  { files, commits }: { readonly files: number; readonly commits: number },
): Promise<Repository> {
  mkdirSync(join(root, 'repositories'), { recursive: true });
  const { commit } = await makeRepository(join(root, 'repositories'), name);
  const modules = (of: number, change: number): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Array.from({ length: of }, (_, n) => [`part${n % 20}/module${n}.py`, code(`${name} ${n} ${change}`)]),
    );
  const ids = [await commit({ 'main.py': 'print("ready")\n', '__init__.py': '', ...modules(files, 0) })];
  for (let change = 1; change < commits; change++) ids.push(await commit(modules(Math.ceil(files / 20), change)));
  return { name, commits: ids };
}

/** A module of some 3 KB that compiles; another seed, another module. */
const code = (seed: string): string =>
  Array.from(
    { length: 40 },
    (_, n) => `def function_${n}(value):\n    """${hash('sha256', `${seed} ${n}`)}"""\n    return value + ${n}\n`,
  ).join('\n');

function served({ write }: World, path: string, bytes: Buffer): File {
  write(`files/${path}`, bytes);
  return { path, sha256: hash('sha256', bytes), size: bytes.length };
}

function pack(world: World, name: string, version: string): Release {
  const modules = Array.from({ length: 60 }, (_, n) => ({ name: `m${n}.py`, data: code(`${name} ${version} ${n}`) }));
  const bytes = zip([{ name: '__init__.py', data: '' }, ...modules]);
  return { name, version, ...served(world, `packs/${name}-${version}.zip`, bytes) };
}

/** A model of bytes that do not compress. */
function model(world: World, n: number, bytes: number): File {
  const block = Buffer.from(
    Array.from({ length: 1024 }, (_, part) => hash('sha256', `${n} ${part}`, 'hex')).join(''),
    'hex',
  );
  return served(world, `models/model-${n}.safetensors`, Buffer.alloc(bytes, block));
}

/** The wheels of `wheels.txt`, where PyPI can be reached. */
function realWheels({ root }: World): readonly Release[] | undefined {
  const list = readFileSync(join(import.meta.dirname, 'wheels.txt'), 'utf8').trim();
  const directory = fromPyPI(`wheels-${hash('sha256', list).slice(0, 12)}`, list.split('\n'));
  if (directory === undefined) {
    process.stderr.write('PyPI cannot be reached by pip: the wheels are made up\n');
    return undefined;
  }
  // Others come beside them: the larder is for all worlds.
  cpSync(directory, join(root, 'files/wheels'), { recursive: true });
  return globSync(join(directory, '*.whl'))
    .toSorted()
    .map((path) => {
      const bytes = readFileSync(path);
      return release(basename(path), bytes);
    });
}

/** What a wheel's file name says of it. */
function release(filename: string, bytes: Buffer): Release {
  const [name = '', version = ''] = filename.split('-');
  return { name, version, path: `wheels/${filename}`, sha256: hash('sha256', bytes), size: bytes.length };
}

const madeUpWheels = (world: World, amount: NonNullable<Amount['madeUp']>): readonly Release[] =>
  Array.from({ length: amount.wheels }, (_, n) => madeUpWheel(world, `made_up_${n}`, amount.modules));

/** A wheel of so many modules. */
export function madeUpWheel(world: World, name: string, modules: number): Release {
  const files = Array.from({ length: modules }, (_, n) => [`${name}/m${n}.py`, code(`${name} ${n}`)] as const);
  const wheel = makeWheel({ name, files: { [`${name}/__init__.py`]: '', ...Object.fromEntries(files) } });
  const made = release(wheel.filename, wheel.bytes);
  served(world, made.path, wheel.bytes);
  served(world, `${made.path}.metadata`, Buffer.from(wheel.metadata));
  return made;
}
