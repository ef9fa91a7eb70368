import { existsSync } from 'node:fs';

import { Failed } from '#engine';
import { Sha256, Tree } from '#cache';
import * as z from 'zod/mini';

import {
  GitCommit,
  GitRef,
  GitTree,
  LocalPath,
  Md5,
  ModelPath,
  NodeId,
  NodeName,
  RelativePath,
  SemVer,
  VersionId,
  WheelFilename,
} from '../../tasks/vocabulary.ts';

import { Env } from './env.ts';
import { below, check, type Findings, type Place, refuseProblems, refuseTwice } from './findings.ts';
import { lockfilePath, nameIn, parseId } from './ids.ts';
import { readText, schemaBeside, valueOf, writeText } from './json.ts';
import { didYouMean } from './nearest.ts';
import { present } from './present.ts';
import { PythonVersion, TorchBuild } from './python.ts';
import { renderLockfile } from './render-lockfile.ts';
import { FileSource, GitSource, repositoryOf } from './sources.ts';
import { type Version, versionDigest } from './version.ts';

export { renderLockfile } from './render-lockfile.ts';

/** An object in which an unknown key is refused, with the known one it resembles. */
const strict = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `Unknown key \`${key}\`${didYouMean(key, Object.keys(shape))}`).join(', ')
        : undefined,
  });

/** One printable line. */
const Line = z.string().check(z.regex(/^[^\p{C}]{1,1024}$/u, 'Expected one line of text'));
const Size = z.int().check(z.minimum(0));
const wishes = { install_requirements: z.exactOptional(z.boolean()), run_install: z.exactOptional(z.boolean()) };

/** A repository at a commit. `ref` is the branch or tag it was found on; `tree` is git's own digest of its files. */
const gitPin = { repo: GitSource, ref: z.exactOptional(GitRef), commit: GitCommit, tree: z.exactOptional(GitTree) };

/** A node with everything that decides its bytes. */
export type LockedNode = z.infer<typeof LockedNode>;
const LockedNode = z.discriminatedUnion('kind', [
  /** `id` is the registry's, when its `nightly` was asked for. */
  strict({ kind: z.literal('git'), name: NodeName, id: z.exactOptional(NodeId), ...gitPin, ...wishes }),
  strict({
    kind: z.literal('registry'),
    name: NodeName,
    id: NodeId,
    version: SemVer,
    url: FileSource,
    sha256: Sha256,
    size: Size,
    /** What the registry said of this release when it was locked: `NodeVersionStatusActive`. */
    status: Line,
    ...wishes,
  }),
  strict({ kind: z.literal('local'), name: NodeName, path: LocalPath, tree: Tree, ...wishes }),
]);

const packageIdentity = {
  name: z.string().check(z.regex(/^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/, 'Expected the name of a Python package')),
  version: z.string().check(z.regex(/^[\w.!+-]{1,128}$/, 'Expected a version of a Python package')),
};
const wheelPin = { url: FileSource, sha256: Sha256, size: z.exactOptional(Size), filename: WheelFilename };
const subdirectory = z.exactOptional(RelativePath);

/** A wheel with everything that decides its bytes. */
const BuildTool = strict({ ...packageIdentity, ...wheelPin });

/** A package that is built: with these wheels and no others. */
const built = { build: z.array(BuildTool), wanted_by: z.array(Line) };

/**
 * One package of a closure: a wheel, or a source that a wheel is built from. `wanted_by` says which requirement lines and which
 * packages ask for it.
 */
export type LockedWheel = z.infer<typeof LockedWheel>;
const LockedWheel = z.discriminatedUnion('kind', [
  strict({ kind: z.exactOptional(z.literal('wheel')), ...packageIdentity, ...wheelPin, wanted_by: z.array(Line) }),
  strict({
    kind: z.literal('archive'),
    ...packageIdentity,
    source: strict({ url: FileSource, sha256: Sha256, size: z.exactOptional(Size), subdirectory }),
    ...built,
  }),
  strict({
    kind: z.literal('git'),
    ...packageIdentity,
    source: strict({ repo: GitSource, ref: z.exactOptional(GitRef), commit: GitCommit, subdirectory }),
    ...built,
  }),
]);

/** Everything that is installed for one platform (`linux-x86_64`) and one build of torch. */
const LockedPlatform = strict({
  platform: z.string().check(z.regex(/^[a-z][\w.-]{0,63}$/, 'Expected a platform such as linux-x86_64')),
  torch: z.exactOptional(TorchBuild),
  /** Digest of what was asked when it was resolved: while nobody asks for anything else, it stays. */
  asked: z.exactOptional(Sha256),
  wheels: z.array(LockedWheel),
});

/** A model's file. The first source is asked first. */
export type LockedModel = z.infer<typeof LockedModel>;
const LockedModel = strict({
  ...ModelPath.shape,
  sources: z.array(FileSource).check(z.minLength(1)),
  sha256: Sha256,
  size: Size,
  /** What the version gave as its checksum, and what its bytes were checked against when they were pinned. */
  md5: z.exactOptional(Md5),
});

/** Everything a version is realized from, pinned. Machine-written; local sources are relative to the project root. */
export type Lockfile = z.infer<typeof Lockfile>;
export const Lockfile = strict({
  schema_version: z.literal(3),
  version_id: VersionId,
  /** `versionDigest` of the version it was resolved from. */
  version_digest: Sha256,
  core: strict(gitPin),
  nodes: z.array(LockedNode),
  python: strict({ version: PythonVersion, platforms: z.array(LockedPlatform) }),
  models: z.array(LockedModel),
  env: z.exactOptional(Env),
  options: z.exactOptional(
    strict({ offline: z.exactOptional(z.boolean()), skip_models: z.exactOptional(z.boolean()) }),
  ),
});

/** Reads the text of a lockfile; everything that is wrong comes in one failure. `file` is what messages call it. */
export function parseLockfile(text: string, file: string): Lockfile {
  const place: Place = { file, at: '' };
  const findings: Findings = { problems: [], warnings: [] };
  const value = withoutSchema(valueOf(text, file));
  const generation =
    typeof value === 'object' && value !== null && 'schema_version' in value ? value.schema_version : undefined;
  if (generation !== 3) {
    const found = generation === undefined ? 'Missing' : `Found ${JSON.stringify(generation)}`;
    const hint = 'another release or tool wrote this lockfile: write a new one with `pipeline validate`';
    throw new Failed({ kind: 'document', file, at: 'schema_version', problem: `${found}: expected 3`, hint });
  }
  const lock = check(Lockfile, value, place, findings);
  if (lock) refuseCollisions(lock, place, findings);
  refuseProblems(findings);
  return lock!;
}

/** `$schema` is for editors: it says nothing of what is locked. */
function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$schema' in value)) return value;
  const { $schema: _schema, ...lock } = value;
  return lock;
}

function refuseCollisions({ nodes, models, python }: Lockfile, place: Place, findings: Findings): void {
  const each = <T>(
    elements: readonly T[],
    at: Place,
    claimsOf: (element: T) => readonly (string | undefined)[],
  ): void =>
    refuseTwice(
      elements.map((element, index) => ({ element, at: below(at, index) })),
      (item) => item.at,
      (item) => claimsOf(item.element),
      findings,
    );
  each(nodes, below(place, 'nodes'), (node) => [
    `The directory custom_nodes/${node.name.normalize('NFC').toLowerCase()}`,
    'id' in node ? `The id ${node.id.toLowerCase()}` : undefined,
    node.kind === 'git' ? `The repository ${repositoryOf(node.repo)}` : undefined,
  ]);
  each(models, below(place, 'models'), ({ root, path }) => [
    `The path ${path} below the ${root === 'models' ? 'models' : 'target'} directory`,
  ]);
  const platforms = below(place, 'python', 'platforms');
  each(python.platforms, platforms, ({ platform, torch = 'default' }) => [
    `The platform ${platform} with ${torch} torch`,
  ]);
  for (const [index, { wheels }] of python.platforms.entries())
    each(wheels, below(platforms, index, 'wheels'), ({ name }) => [
      `The package ${name.toLowerCase().replaceAll(/[-_.]+/g, '-')}`,
    ]);
}

/** Where a lockfile is: the version's own, or another file. */
type Which = { readonly root: string; readonly id: string; readonly file?: string };

/** The lockfile of a version, or undefined when it has none. */
export function readLockfile({ root, id, file = lockfilePath(root, parseId(id)) }: Which): Lockfile | undefined {
  if (!existsSync(file)) return undefined;
  const name = nameIn(root, file);
  const lock = parseLockfile(readText(file, name), name);
  if (lock.version_id === id) return lock;
  throw new Failed({
    kind: 'document',
    file: name,
    at: 'version_id',
    problem: `Expected ${id}, found ${lock.version_id}`,
  });
}

/** Writes the lockfile of a version and answers where. The same content gives the same bytes, on every machine. */
export function writeLockfile(
  lock: Lockfile,
  { root, file = lockfilePath(root, lock.version_id) }: Omit<Which, 'id'>,
): string {
  writeText(file, renderLockfile(lock, present({ $schema: schemaBeside(root, file) })));
  return file;
}

/** Whether a lockfile was resolved from the version as it is now. */
export const isCurrent = (lock: Lockfile, version: Version): boolean => lock.version_digest === versionDigest(version);
