import { randomUUID } from 'node:crypto';
import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import * as z from 'zod/mini';

import { hashFile, type Store } from '#cache';
import { Failed, type Image, type Written } from '#engine';

import { readSmall } from '../read-small.ts';
import { writeFile } from '../write-file.ts';
import { filesOf, type ImageFile } from './files.ts';
import { mediaTypes } from './media-types.ts';

const mostIndexBytes = 10_000_000;

/** How an OCI layout calls an image that is in it. */
const tagKey = 'org.opencontainers.image.ref.name';

/** What `index.json` says is in a layout. */
export const LayoutIndex = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z.array(
    z.looseObject({
      mediaType: z.exactOptional(z.string()),
      digest: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
      size: z.int(),
      annotations: z.exactOptional(z.record(z.string(), z.string())),
      platform: z.exactOptional(z.looseObject({ architecture: z.string(), os: z.string() })),
    }),
  ),
});

/**
 * Writes an image into an OCI layout, in place of the one that has its tag, and beside all others. What is there already is
 * read, and stays when it is true. Throws Failed (refused) for a directory that is something else.
 */
export async function writeLayout(
  image: Image,
  { directory, tag }: { readonly directory: string; readonly tag: string },
  { store, progress }: { readonly store: Store; readonly progress: (done: number, total: number) => void },
): Promise<Written> {
  const { manifest, named } = filesOf(image, store);
  const index = openIndex(directory);
  mkdirSync(join(directory, 'blobs/sha256'), { recursive: true });
  writeFile(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}\n');
  const total = named.reduce((sum, { size }) => sum + size, manifest.size);
  const counts = { sent: 0, there: 0, bytes: 0 };
  let done = 0;
  for (const file of [...named, manifest]) {
    if (await bring(file, directory)) {
      counts.sent += 1;
      counts.bytes += file.size;
    } else counts.there += 1;
    progress((done += file.size), total);
  }
  const digest = `sha256:${manifest.sha256}`;
  const others = index.manifests.filter(({ annotations }) => annotations?.[tagKey] !== tag);
  const own = { mediaType: mediaTypes.manifest, digest, size: manifest.size, annotations: { [tagKey]: tag } };
  replace(join(directory, 'index.json'), (draft) =>
    writeFile(draft, `${JSON.stringify({ ...index, manifests: [...others, own] }, null, 2)}\n`),
  );
  return { digest, ...counts };
}

/** What is in a layout already; nothing where there is none yet. */
function openIndex(directory: string): z.infer<typeof LayoutIndex> {
  const empty = { schemaVersion: 2 as const, mediaType: mediaTypes.index, manifests: [] };
  if (!existsSync(directory) || readdirSync(directory).length === 0) return empty;
  const text = readSmall(join(directory, 'index.json'), mostIndexBytes);
  const index = text === undefined ? undefined : LayoutIndex.safeParse(parsed(text)).data;
  if (index !== undefined) return index;
  throw new Failed({
    kind: 'refused',
    what: `to write an image into ${directory}`,
    because: 'it holds something that is not an OCI layout',
    hint: 'name a directory of its own',
  });
}

/** Puts one file where a layout has it; false when it is there already. */
async function bring({ sha256, size, path }: ImageFile, directory: string): Promise<boolean> {
  const to = join(directory, 'blobs/sha256', sha256);
  if (statSync(to, { throwIfNoEntry: false })?.size === size && (await hashFile(to)).sha256 === sha256) return false;
  // A copy: whoever edits a layout must not edit the store.
  replace(to, (draft) => copyFileSync(path, draft, constants.COPYFILE_FICLONE));
  return true;
}

/** Replaces a file at once, so that no reader finds half of it. */
function replace(path: string, write: (draft: string) => void): void {
  const draft = `${path}.${randomUUID()}`;
  try {
    write(draft);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
