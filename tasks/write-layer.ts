import * as z from 'zod/mini';

import { Blob, Tree } from '#cache';
import { defineTask, type LayerPart } from '#engine';
import { Compression, ImageLayer, ImagePath } from './image-layer.ts';

/** What another step made: a directory or a file in the store, by whichever name that step has for it. */
const Made = z.union([
  z.object({ source: Tree }),
  z.object({ installed: Tree }),
  z.object({ tree: Tree }),
  z.object({ file: Blob }),
]);

const Part = z.union([
  z.object({ of: Made, at: ImagePath }),
  z.object({ text: z.string(), at: ImagePath }),
  z.object({ directory: ImagePath }),
]);

/** Packs parts of a version into one layer of an image. While nothing in it changes, it is the same file. */
export const writeLayer = defineTask({
  name: 'write-layer',
  revision: 1,
  resource: 'cpu',
  input: z.object({
    about: z.string(),
    parts: z.array(Part),
    /** Whose directory it is: what lies below belongs to `owner`. */
    directory: ImagePath,
    owner: z.int(),
    compression: Compression,
  }),
  output: ImageLayer,
  about: ({ about }) => about,
  title: ({ about }) => about,
  run: async ({ parts, ...what }, { images }) => images.layer({ ...what, parts: parts.map(partOf) }),
});

function partOf(part: z.infer<typeof Part>): LayerPart {
  if (!('of' in part)) return part;
  const { of, at } = part;
  if ('file' in of) return { blob: of.file, at };
  return { tree: 'source' in of ? of.source : 'installed' in of ? of.installed : of.tree, at };
}
