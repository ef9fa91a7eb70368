import { hash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { indexPages } from './make/package-index.ts';
import { modelBytes, models } from './make/palette-model.ts';
import { registryFiles } from './make/registry.ts';
import { type Pack, packs, releasesOf } from './make/releases.ts';
import { type Run, runHere, writeRepository } from './make/repository.ts';
import { type Files, readShipped } from './make/shipped.ts';
import { wheelsOf } from './make/wheel.ts';
import { writeWhole } from './make/write.ts';

export { demoSource } from './source-path.ts';

/** Raise it when the same shipped files make something else: what was made before is then made anew. */
const revision = 1;

/** What `makeDemoSources` needs. */
export interface Making {
  /** The directory `examples/demo`. */
  readonly from: string;
  /** A directory of ours for all that is made; it need not exist. */
  readonly into: string;
  /** Where it is made before it is moved, on the same volume; need not exist, and does not afterwards. */
  readonly draft?: string;
  /** How git is run; without it, the git of this machine is started as it is. */
  readonly run?: Run;
}

/**
 * Makes everything the demo fetches: git repositories, a registry, a package index with its wheels, models. Answers where
 * they are: `<into>/<digest of what is shipped>`, whole or not there at all. Made once; the same bytes and commits everywhere.
 */
export async function makeDemoSources({
  from,
  into,
  draft = join(into, `.making-${randomUUID()}`),
  run = runHere,
}: Making): Promise<string> {
  const shipped = readShipped(from, ['core', 'earlier', 'nodes', 'wheels']);
  const root = join(into, digestOf(shipped));
  if (existsSync(root)) return root;
  try {
    for (const [path, content] of filesOf(shipped)) writeWhole(join(draft, path), content);
    const writing = publishedBy('git').map((pack) =>
      writeRepository(join(draft, 'git', `${pack.name}.git`), releasesOf(pack, shipped), run),
    );
    await Promise.all(writing);
    mkdirSync(into, { recursive: true });
    publish(draft, root);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return root;
}

/** Everything but the repositories, by path. */
function filesOf(shipped: Files): ReadonlyMap<string, string | Buffer> {
  const wheels = wheelsOf(shipped);
  return new Map<string, string | Buffer>([
    ...[...wheels].map(([file, bytes]) => [`wheels/${file}`, bytes] as const),
    ...indexPages(wheels),
    ...models.map((model) => [`models/${model.file}`, modelBytes(model)] as const),
    ...publishedBy('registry').flatMap((pack) => [...registryFiles(pack.name, releasesOf(pack, shipped))]),
  ]);
}

const publishedBy = (way: Pack['published']): readonly Pack[] => packs.filter((pack) => pack.published === way);

/** Renames the draft to its place, unless another process was first: then theirs is as good. */
function publish(draft: string, root: string): void {
  try {
    renameSync(draft, root);
  } catch (error) {
    if (!existsSync(root)) throw error;
  }
}

/** 16 hex characters that change with anything that is shipped. */
function digestOf(shipped: Files): string {
  const lines = [...shipped].map(([path, bytes]) => `${hash('sha256', bytes)}  ${path}\n`);
  return hash('sha256', `${revision}\n${lines.join('')}`).slice(0, 16);
}
