import { copyFileSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import * as z from 'zod/mini';

import { blobOf, hashFile, Sha256 } from '#cache';
import { type BaseImage, Failed, type ImageLayer, type Shelf } from '#engine';

import { readSmall } from '../read-small.ts';
import type { Shell } from '../shell.ts';
import { LayoutIndex } from './layout.ts';
import { layerTypes, packingOf } from './media-types.ts';
import { programsIn } from './programs.ts';
import { startOf } from './start-of.ts';

const mostTextBytes = 10_000_000;

const Digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));
const Manifest = z.looseObject({
  config: z.looseObject({ digest: Digest }),
  layers: z.array(z.looseObject({ digest: Digest })),
});
const Config = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  rootfs: z.looseObject({ diff_ids: z.array(Digest) }),
});
const Saved = z.array(z.looseObject({ Config: z.string(), Layers: z.array(z.string()) })).check(z.minLength(1));

/** What is known of a base before its layers are read: where its files are, in which order. */
interface Found {
  readonly digest: string;
  readonly config: z.infer<typeof Config>;
  readonly layers: readonly { readonly path: string; readonly digest?: string }[];
}

/** What reading a base takes. */
export interface BaseSeams {
  readonly shelf: Shelf;
  readonly shell: Shell;
  readonly signal: AbortSignal;
}

/**
 * Reads an image that others are made upon, layer by layer, into the store. Every file is checked against the name it goes by.
 * Throws Failed (absent, document, integrity).
 */
export async function readBase(
  { from, architecture }: { readonly from: string; readonly architecture: string },
  seams: BaseSeams,
): Promise<BaseImage> {
  const stat = statSync(from, { throwIfNoEntry: false });
  if (stat === undefined) throw new Failed({ kind: 'absent', what: `The base image ${from}` });
  const directory = stat.isDirectory() ? from : await extracted(from, seams);
  const found = existsSync(join(directory, 'index.json'))
    ? await inLayout(directory, { from, architecture })
    : savedIn(directory, from);
  if (found.config.architecture !== architecture || found.config.os !== 'linux')
    throw problem(from, `It is for ${found.config.os}/${found.config.architecture}, not for linux/${architecture}`);
  const diffs = found.config.rootfs.diff_ids;
  if (diffs.length !== found.layers.length) throw problem(from, 'Its configuration names other layers than it has');
  const layers: ImageLayer[] = [];
  for (const [n, layer] of found.layers.entries()) layers.push(await keptLayer(layer, diffs[n]!, n, seams));
  const programs = await programsIn(
    layers.map(({ file }) => seams.shelf.pathOf(file)),
    seams.signal,
  );
  return { config: found.config, layers, programs, digest: found.digest };
}

/** An archive is laid out first: it may hold its files in any order. */
async function extracted(file: string, { shelf, shell }: BaseSeams): Promise<string> {
  const into = await shelf.scratch();
  await shell.run(['tar', '-xf', file, '-C', into, '--no-same-owner']);
  return into;
}

/** The image of an OCI layout that is for the machine: the only one, or the first that says so. */
async function inLayout(
  directory: string,
  { from, architecture }: { readonly from: string; readonly architecture: string },
): Promise<Found> {
  const blob = (digest: string): string => join(directory, 'blobs/sha256', digest.slice('sha256:'.length));
  let candidates = LayoutIndex.safeParse(jsonAt(join(directory, 'index.json'))).data?.manifests ?? [];
  for (let depth = 0; depth < 3; depth++) {
    const fitting = candidates.filter(
      ({ platform }) => platform === undefined || platform.architecture === architecture,
    );
    const chosen = fitting.find(({ platform }) => platform !== undefined) ?? fitting[0];
    if (chosen === undefined) throw problem(from, `It holds no image for linux/${architecture}`);
    await checked(blob(chosen.digest), chosen.digest);
    const document = jsonAt(blob(chosen.digest));
    const manifest = Manifest.safeParse(document).data;
    if (manifest === undefined) {
      candidates = LayoutIndex.safeParse(document).data?.manifests ?? [];
      continue;
    }
    await checked(blob(manifest.config.digest), manifest.config.digest);
    const config = Config.safeParse(jsonAt(blob(manifest.config.digest)));
    if (!config.success) throw problem(from, 'Its configuration cannot be read');
    return {
      digest: chosen.digest,
      config: config.data,
      layers: manifest.layers.map(({ digest }) => ({ path: blob(digest), digest })),
    };
  }
  throw problem(from, 'Its index leads to no image');
}

/** The image of what `docker save` wrote. */
function savedIn(directory: string, from: string): Found {
  const [saved] = Saved.safeParse(jsonAt(join(directory, 'manifest.json'))).data ?? [];
  if (saved === undefined) throw problem(from, 'It is neither an OCI layout nor an archive of an image');
  const path = join(directory, saved.Config);
  const config = Config.safeParse(jsonAt(path));
  if (!config.success) throw problem(from, 'Its configuration cannot be read');
  const name = saved.Config.replace(/^blobs\/sha256\//, '').replace(/\.json$/, '');
  return {
    digest: `sha256:${name}`,
    config: config.data,
    layers: saved.Layers.map((layer) => ({ path: join(directory, layer) })),
  };
}

/** A layer of a base, in the store. One that is not packed must be what the configuration says. */
async function keptLayer(
  { path, digest }: Found['layers'][number],
  diff: string,
  n: number,
  { shelf }: BaseSeams,
): Promise<ImageLayer> {
  if (!existsSync(path)) throw new Failed({ kind: 'absent', what: `Layer ${n + 1} of the base image` });
  const { sha256, stat } = await hashFile(path);
  if (digest !== undefined && `sha256:${sha256}` !== digest) throw notTrue(path, digest, sha256);
  const packing = packingOf(startOf(path, 4));
  if (packing === 'none' && `sha256:${sha256}` !== diff) throw notTrue(path, diff, sha256);
  const size = Number(stat.size);
  const known = blobOf(sha256);
  if (!(await shelf.has(known))) {
    const draft = join(await shelf.scratch(), `layer-${n}`);
    copyFileSync(path, draft, constants.COPYFILE_FICLONE);
    await shelf.keepFile(draft, { sha256, size });
  }
  return {
    file: known,
    size,
    diff: Sha256.parse(diff.slice('sha256:'.length)),
    mediaType: layerTypes[packing],
    about: `base layer ${n + 1}`,
  };
}

async function checked(path: string, digest: string): Promise<void> {
  if (!existsSync(path)) throw new Failed({ kind: 'absent', what: `${digest} of the base image` });
  const { sha256 } = await hashFile(path);
  if (`sha256:${sha256}` !== digest) throw notTrue(path, digest, sha256);
}

function jsonAt(path: string): unknown {
  try {
    return JSON.parse(readSmall(path, mostTextBytes) ?? '');
  } catch {
    return undefined;
  }
}

const notTrue = (path: string, expected: string, sha256: string): Failed =>
  new Failed({
    kind: 'integrity',
    what: path,
    expected,
    actual: `sha256:${sha256}`,
    hint: 'fetch the base image again',
  });

const problem = (file: string, text: string): Failed => new Failed({ kind: 'document', file, problem: text });
